"""The frame of every file import: reading text files that others wrote, reporting on them, all or nothing."""
