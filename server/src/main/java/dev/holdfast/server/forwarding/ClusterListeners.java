package dev.holdfast.server.forwarding;

import dev.holdfast.server.api.Listeners;
import dev.holdfast.server.cluster.ClusterPort;
import dev.holdfast.server.cluster.TermCertificate;
import dev.holdfast.server.config.ListenAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where standbys come in while this node is active: HTTP/2 over TLS, for who shows this term's certificate. */
public final class ClusterListeners implements ClusterPort {
    private static final Logger log = LoggerFactory.getLogger(ClusterListeners.class);

    private final List<ListenAddress> addresses;
    private final Supplier<Handler> handlers;

    /** @param handlers makes the handler of a term */
    public ClusterListeners(List<ListenAddress> addresses, Supplier<Handler> handlers) {
        this.addresses = List.copyOf(addresses);
        this.handlers = handlers;
    }

    @Override
    public Open open(TermCertificate certificate) throws IOException {
        Server server = start(addresses, handlers.get(), certificate);
        return () -> stop(server);
    }

    static Server start(List<ListenAddress> addresses, Handler handler, TermCertificate certificate)
            throws IOException {
        Server server = new Server(Listeners.threads("holdfast-cluster"));
        server.setHandler(handler);
        server.setStopTimeout(0);
        for (ListenAddress address : addresses) {
            server.addConnector(connector(server, address, certificate));
        }
        try {
            server.start();
        } catch (Exception e) {
            stop(server);
            throw new IOException("the cluster listeners at " + addresses + " cannot be opened: " + e.getMessage(), e);
        }
        return server;
    }

    private static ServerConnector connector(Server server, ListenAddress address, TermCertificate certificate) {
        HttpConfiguration http = Listeners.http();
        SecureRequestCustomizer secure = new SecureRequestCustomizer();
        // Both ends compare the certificate itself, which says more than a name in it.
        secure.setSniHostCheck(false);
        http.addCustomizer(secure);
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setSslContext(certificate.sslContext());
        ssl.setNeedClientAuth(true);
        ssl.setIncludeProtocols("TLSv1.2", "TLSv1.3");
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2");
        HTTP2ServerConnectionFactory h2 = new HTTP2ServerConnectionFactory(http);
        h2.setMaxConcurrentStreams(1_024);
        // Only nodes of the cluster get this far.
        h2.setRateControlFactory(new WindowRateControl.Factory(100_000));
        ServerConnector connector =
                new ServerConnector(server, new SslConnectionFactory(ssl, alpn.getProtocol()), alpn, h2);
        InetSocketAddress socket = address.socketAddress();
        connector.setHost(
                socket.getAddress() == null
                        ? socket.getHostString()
                        : socket.getAddress().getHostAddress());
        connector.setPort(socket.getPort());
        connector.setIdleTimeout(120_000);
        return connector;
    }

    static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            log.warn("the cluster listeners could not be closed in order", e);
        }
    }
}
