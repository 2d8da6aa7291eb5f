"""Files that support a statement: checked by their content, kept in private, told from any other by their SHA-256.

Rooms above make a concrete model of `models.EvidenceFile`, scope it, and send files by `downloads.evidence_response`.
"""
