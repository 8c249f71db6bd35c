"""Tests mirror the packages; the servers, databases and sockets in them are real."""
