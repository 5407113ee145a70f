"""The demonstration province: companies, filings with known errors, and complaints, made anew from a seed."""
