"""What must hold of products' records beyond one row."""
