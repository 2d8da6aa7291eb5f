"""What people type on the pages of this app, read and checked."""
