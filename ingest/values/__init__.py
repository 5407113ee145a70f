"""Strict grammars: text as filed becomes a typed value, an edit, or a value with a listed coercion; never a guess."""
