set session wsrep_on = off;
create or replace user root@'%';
grant all privileges on *.* to root@'%' with grant option;
