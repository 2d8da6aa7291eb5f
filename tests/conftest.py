"""What all tests share. The servers they run on are started by `dscr.local.pytest_plugin`, before the settings load."""
