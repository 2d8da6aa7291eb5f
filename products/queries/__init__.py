"""What pages read of products, submissions and supply nodes."""
