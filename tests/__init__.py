# A package, so that no library which installs one of this name stands before it.
