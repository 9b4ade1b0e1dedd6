"""The data contract: one pydantic model a record.

Validation, JSON Schema, table columns and the data dictionary all come from these models, so a field has one
home. A loader turns a file into records; `maturity.tables` turns records into rows. Nothing here reads a file or
judges a value beyond its form.
"""
