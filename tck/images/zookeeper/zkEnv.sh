# Read by zkServer.sh and zkCli.sh.
ZOOMAIN=org.apache.zookeeper.server.quorum.QuorumPeerMain
ZOOCFGDIR=${ZOO_CONF_DIR:-/conf}
ZOOCFG=$ZOOCFGDIR/zoo.cfg
ZOO_LOG_DIR=${ZOO_LOG_DIR:-/logs}
ZOO_DATADIR_AUTOCREATE=
JMXLOCALONLY=true
JAVA=/usr/bin/java
# A server of a test lives for seconds: what the second compiler does is not paid back, and its classes are loaded from an
# archive, which allows jars only in the class path.
JVMFLAGS="-Xmx${ZK_SERVER_HEAP:-256}m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:${ARCHIVE:-SharedArchiveFile}=/opt/zookeeper/classes.jsa \
 -Dlog4j.configuration=file:$ZOOCFGDIR/log4j.properties $JVMFLAGS"
CLASSPATH="/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-log4j12.jar:/usr/share/java/log4j-1.2.jar:/usr/share/java/servlet-api.jar"
