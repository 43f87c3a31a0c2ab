"""What fills a database: code lists (every installation), the demo, and the size seed."""
