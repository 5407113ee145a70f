"""Readers: bytes as filed become blocks of text columns, or a refusal that says where and why."""
