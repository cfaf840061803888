set session sql_log_bin = 0;
create or replace user root@'%';
grant all privileges on *.* to root@'%' with grant option;
