package dev.holdfast.server.api;

import dev.holdfast.server.config.ListenAddress;
import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.spi.config.ConfigException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The certificate and the key of a listener, which can be replaced while it is open. */
final class ListenerTls {
    private static final Logger log = LoggerFactory.getLogger(ListenerTls.class);

    private final ListenAddress address;
    private final ListenerConfig.Tls files;
    private final SslContextFactory.Server factory;

    /** @throws ConfigException when they cannot be used */
    ListenerTls(ListenAddress address, ListenerConfig.Tls files) {
        this.address = address;
        this.files = files;
        this.factory = factory(files, PemFiles.keyStore(files));
    }

    private static SslContextFactory.Server factory(ListenerConfig.Tls files, KeyStore keys) {
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setKeyStore(keys);
        factory.setKeyStorePassword("");
        factory.setIncludeProtocols(
                files.oldest().equals("TLSv1.3") ? new String[] {"TLSv1.3"} : new String[] {"TLSv1.2", "TLSv1.3"});
        return factory;
    }

    /** What makes the listener's connections; it starts and stops with it. */
    SslContextFactory.Server factory() {
        return factory;
    }

    /**
     * Reads what a listener would show, and tries it out. Opens no socket.
     *
     * @throws ConfigException when it cannot be used
     */
    static KeyStore read(ListenerConfig.Tls files) {
        KeyStore keys = PemFiles.keyStore(files);
        try {
            SslContextFactory.Server trial = factory(files, keys);
            trial.start();
            trial.stop();
        } catch (Exception e) {
            throw PemFiles.unusable(files, e);
        }
        return keys;
    }

    /** Reads the files again, for new connections. When they cannot be used, all stays as it is, and the log says why. */
    void reload() {
        try {
            // Tried out before: a reload that fails leaves Jetty without any.
            KeyStore keys = read(files);
            factory.reload(same -> same.setKeyStore(keys));
            X509Certificate shown = PemFiles.certificate(keys);
            log.info(
                    "listener {}: new connections use the certificate of '{}' that is valid until {}",
                    address,
                    shown.getSubjectX500Principal(),
                    shown.getNotAfter().toInstant());
        } catch (ConfigException e) {
            log.error("listener {} keeps its certificate and key: {}", address, String.join("; ", e.problems()));
        } catch (Exception e) {
            log.error("listener {} could not use the certificate {}", address, files.certFile(), e);
        }
    }
}
