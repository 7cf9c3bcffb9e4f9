"""Rules of the family `import`."""
