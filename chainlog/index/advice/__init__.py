"""What is offered to a person who records, and what is said before a signature would make a finding."""
