"""What is done to products' records in more than one step, each in one transaction."""
