"""Docker Hub's library: the images that a name without a slash means (docs.docker.com, "Docker Official Images").

A name that is not here is that of an image which somebody made on the machine, or of one that a build farm puts in its
place (`FROM src` in OpenShift's CI). Images that the library gave up are still pulled. An image that is missing here is
one of which nothing is said.
"""

from __future__ import annotations

_NAMES = """
    adminer aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux backdrop bash
    bonita buildpack-deps busybox caddy cassandra celery centos chronograf cirros clearlinux clefos clickhouse clojure
    composer consul convertigo couchbase couchdb crate crux dart debian django docker drupal eclipse-mosquitto
    eclipse-temurin eggdrop elasticsearch elixir emqx erlang euleros express-gateway fedora flink fluentd friendica
    fsharp gazebo gcc geonetwork ghost golang gradle groovy haproxy haskell haxe hello-seattle hello-world hipache
    hitch hola-mundo httpd hylang ibm-semeru-runtimes ibmjava influxdb iojs irssi java jenkins jetty jobber joomla
    jruby julia kaazing-gateway kapacitor kibana known kong krakend lightstreamer liquibase logstash mageia mariadb
    matomo maven mediawiki memcached mongo mongo-express monica mono mysql nats nats-streaming neo4j neurodebian
    nextcloud nginx node notary nuxeo odoo open-liberty openjdk opensuse oraclelinux orientdb owncloud percona perl
    photon php php-zendserver phpmyadmin piwik plone postfixadmin postgres pypy python r-base rabbitmq rails
    rakudo-star rapidoid redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust sapmachine satosa
    sentry silverpeas sl solr sonarqube sourcemage spark spiped storm swarm swift swipl teamspeak telegraf thrift
    tomcat tomee traefik ubuntu ubuntu-debootstrap ubuntu-upstart unit varnish vault websphere-liberty wordpress xwiki
    yourls znc zookeeper
"""
LIBRARY = frozenset(_NAMES.split())
