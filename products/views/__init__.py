"""The pages of products, room by room; products/urls names them."""
