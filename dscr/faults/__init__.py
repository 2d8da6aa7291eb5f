"""Faults on purpose: processes killed and frozen while writers write, then every acknowledged write is looked for."""
