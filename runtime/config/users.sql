-- Run at every start of MariaDB. Anonymous users would come before the site's own.
DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host NOT IN ('localhost', '127.0.0.1'));
FLUSH PRIVILEGES;
ALTER USER 'root'@'localhost' IDENTIFIED BY '@mariadb_password@';
CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '@mariadb_password@';
ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '@mariadb_password@';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
