"""What heat costs by publication: dated tariff records, and which one prices a bill."""
