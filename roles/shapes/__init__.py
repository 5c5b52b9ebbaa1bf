"""Pure arithmetic on competency shapes and on the texts of roles: no rows, no settings, no clock."""
