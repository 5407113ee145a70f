"""How a company's file becomes a validated table, with every reason for every rejected value."""
