-- What happens to players, written by chronicle.txt and read by Lorestream; rows are only ever added.
-- Run it in the database of the map-server. Old rows may be deleted once they are read.

CREATE TABLE IF NOT EXISTS `lorestream_events` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `at` datetime(3) NOT NULL DEFAULT current_timestamp(3),
  `kind` varchar(32) NOT NULL,
  `account_id` int unsigned NOT NULL DEFAULT 0,
  `char_id` int unsigned NOT NULL DEFAULT 0,
  `char_name` varchar(30) NOT NULL DEFAULT '',
  `map` varchar(16) NOT NULL DEFAULT '',
  `x` smallint NOT NULL DEFAULT 0,
  `y` smallint NOT NULL DEFAULT 0,
  `detail` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
