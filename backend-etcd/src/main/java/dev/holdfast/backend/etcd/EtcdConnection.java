package dev.holdfast.backend.etcd;

import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.Option;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** The options that are about TLS, and what they make. */
final class EtcdConnection {
    static final Option<String> CA_FILE = Option.string(
            "tls_ca_file", "PEM file of the authorities that sign the servers' certificates; Java's own by default");
    static final Option<String> CERT_FILE =
            Option.string("tls_cert_file", "PEM file of the certificate that this client shows");
    static final Option<String> KEY_FILE =
            Option.string("tls_key_file", "PEM file of the key of tls_cert_file, as PKCS#8");

    private EtcdConnection() {}

    /** Reads the files. Empty for plain text. */
    static Optional<SslContext> context(Config config, boolean secure, Optional<String> authority) {
        Optional<String> ca = config.find(CA_FILE);
        Optional<String> cert = config.find(CERT_FILE);
        Optional<String> key = config.find(KEY_FILE);
        if (cert.isPresent() != key.isPresent()) {
            throw config.refuse("tls_cert_file and tls_key_file: give both or neither");
        }
        if (!secure) {
            if (ca.isPresent() || cert.isPresent()) {
                throw config.refuse("endpoints: must be https:// when TLS files are given");
            }
            if (authority.isPresent()) {
                throw config.refuse("endpoints: must be https:// when authority is given");
            }
            return Optional.empty();
        }
        SslContextBuilder builder = GrpcSslContexts.forClient();
        ca.ifPresent(file -> use(config, CA_FILE, file, "no PEM certificate", builder::trustManager));
        cert.ifPresent(file -> identity(config, builder, file, key.orElseThrow()));
        try {
            return Optional.of(builder.build());
        } catch (SSLException e) {
            throw refusal(config, "tls_ca_file, tls_cert_file, tls_key_file: cannot be used: " + e.getMessage(), e);
        }
    }

    private static void identity(Config config, SslContextBuilder builder, String certFile, String keyFile) {
        use(config, CERT_FILE, certFile, "no PEM certificate", certificate -> {
            byte[] chain = certificate.readAllBytes();
            use(
                    config,
                    KEY_FILE,
                    keyFile,
                    "no PKCS#8 key of tls_cert_file ('BEGIN PRIVATE KEY'; openssl pkcs8 -topk8 -nodes makes one)",
                    key -> builder.keyManager(new ByteArrayInputStream(chain), key));
        });
    }

    private interface Use {
        void of(InputStream content) throws IOException;
    }

    private static void use(Config config, Option<?> option, String file, String problem, Use use) {
        try (InputStream content = Files.newInputStream(Path.of(file))) {
            use.of(content);
        } catch (ConfigException e) {
            throw e;
        } catch (IOException | InvalidPathException e) {
            throw refusal(config, option.name() + ": cannot read '" + file + "': " + e, e);
        } catch (RuntimeException e) {
            throw refusal(config, option.name() + ": '" + file + "' contains " + problem, e);
        }
    }

    private static ConfigException refusal(Config config, String problem, Exception cause) {
        ConfigException refusal = config.refuse(problem);
        refusal.initCause(cause);
        return refusal;
    }
}
