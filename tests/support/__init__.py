"""What tests share: running the program, building repositories, and Git servers that can be told to misbehave."""
