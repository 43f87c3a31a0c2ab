"""Imports: sheets that people fill offline, read, compared with what stands, written on accept."""
