"""Hostile files, made by code: the same bytes whenever they are made."""
