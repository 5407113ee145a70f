"""How a frozen document becomes HTML, PDF or XLSX. Nothing here recomputes, so an old decision reprints
unchanged."""
