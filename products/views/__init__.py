"""Pages of products. Each room of URLs imports its own module."""
