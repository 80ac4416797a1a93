package dev.holdfast.bench;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** A JVM that reads a request and answers at once, over HTTP/2 and TLS with certificates of both ends. */
final class HopServer {
    private HopServer() {}

    /** Says its port and answers until it is killed; the argument is a key store with the one certificate that there is. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = Jvm.voice();
        SslContextFactory.Server ssl = new SslContextFactory.Server();
        Hop.trust(ssl, Path.of(arguments[0]));
        ssl.setNeedClientAuth(true);
        HttpConfiguration http = new HttpConfiguration();
        SecureRequestCustomizer secure = new SecureRequestCustomizer();
        secure.setSniHostCheck(false);
        http.addCustomizer(secure);
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory("h2");
        Server server = new Server();
        ServerConnector connector = new ServerConnector(
                server,
                new SslConnectionFactory(ssl, alpn.getProtocol()),
                alpn,
                new HTTP2ServerConnectionFactory(http));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                byte[] body =
                        Content.Source.asString(request, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
                response.setStatus(body.length > 0 ? 204 : 400);
                response.write(true, null, callback);
                return true;
            }
        });
        server.start();
        out.println("port " + connector.getLocalPort());
        server.join(); // until it is killed
    }
}
