"""What is offered to a person who records, and said before a signature would make a finding."""
