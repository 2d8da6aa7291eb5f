"""Reading ratings for pages: heads, snapshots and marks, always through the scope of who reads."""
