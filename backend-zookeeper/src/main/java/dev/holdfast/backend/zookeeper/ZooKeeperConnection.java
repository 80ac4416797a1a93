package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.Secret;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.apache.zookeeper.common.X509Exception;
import org.apache.zookeeper.common.X509Util;
import org.apache.zookeeper.common.ZKConfig;

/** The options that are about TLS and SASL, and what they make of ZooKeeper's own client. */
final class ZooKeeperConnection {
    static final Option<String> SASL_CONTEXT = Option.string(
            "sasl_context",
            "The section of the JVM's JAAS configuration (java.security.auth.login.config) to log in with");
    static final Option<String> TRUST_STORE = Option.string(
            "tls_trust_store",
            "File of the authorities that sign the servers' certificates, .pem, .p12 or .jks; Java's own by default");
    static final Option<Secret> TRUST_STORE_PASSWORD =
            Option.secret("tls_trust_store_password", "The password of tls_trust_store");
    static final Option<String> KEY_STORE = Option.string(
            "tls_key_store", "File of the certificate that this client shows and its key, .pem, .p12 or .jks");
    static final Option<Secret> KEY_STORE_PASSWORD =
            Option.secret("tls_key_store_password", "The password of tls_key_store");
    static final Option<Boolean> VERIFY_HOST = Option.bool(
                    "tls_verify_host", "Whether the servers' certificates must name the host that is connected to")
            .defaultsTo("true");

    /**
     * What bounds a level: its names, each with some 5 bytes, come in one answer, because ZooKeeper cannot cut a
     * listing into pages. Beyond this the client hangs up. It is asked for when it is needed, not before.
     */
    static final int LARGEST_ANSWER = 256 << 20;

    private ZooKeeperConnection() {}

    /** The settings of ZooKeeper's client. Files are read, to be refused here and not when they are needed. */
    static ZKClientConfig of(Config config, boolean secure, Duration timeout) {
        ZKClientConfig settings = new ZKClientConfig();
        // For the farewell alone, because all other requests are asynchronous.
        settings.setProperty(ZKClientConfig.ZOOKEEPER_REQUEST_TIMEOUT, Long.toString(timeout.toMillis()));
        settings.setProperty(ZKConfig.JUTE_MAXBUFFER, Integer.toString(LARGEST_ANSWER));
        Optional<String> sasl = config.find(SASL_CONTEXT);
        settings.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, Boolean.toString(sasl.isPresent()));
        sasl.ifPresent(context -> settings.setProperty(ZKClientConfig.LOGIN_CONTEXT_NAME_KEY, context));
        settings.setProperty(ZKClientConfig.SECURE_CLIENT, Boolean.toString(secure));
        // TLS needs Netty; without it, nothing of Netty is loaded.
        settings.setProperty(
                ZKClientConfig.ZOOKEEPER_CLIENT_CNXN_SOCKET,
                "org.apache.zookeeper.ClientCnxnSocket" + (secure ? "Netty" : "NIO"));
        if (secure) {
            secure(config, settings);
        } else if (Stream.of(TRUST_STORE, TRUST_STORE_PASSWORD, KEY_STORE, KEY_STORE_PASSWORD)
                .anyMatch(option -> config.find(option).isPresent())) {
            throw config.refuse("endpoints: must be tls:// when TLS files or their passwords are given");
        } else if (!config.get(VERIFY_HOST)) {
            throw config.refuse("tls_verify_host: endpoints must be tls:// when it is false");
        }
        return settings;
    }

    private static void secure(Config config, ZKClientConfig settings) {
        boolean verify = config.get(VERIFY_HOST);
        try (ClientX509Util names = new ClientX509Util()) {
            store(
                    config,
                    settings,
                    TRUST_STORE,
                    TRUST_STORE_PASSWORD,
                    names.getSslTruststoreLocationProperty(),
                    names.getSslTruststorePasswdProperty(),
                    names.getSslTruststoreTypeProperty());
            store(
                    config,
                    settings,
                    KEY_STORE,
                    KEY_STORE_PASSWORD,
                    names.getSslKeystoreLocationProperty(),
                    names.getSslKeystorePasswdProperty(),
                    names.getSslKeystoreTypeProperty());
            settings.setProperty(names.getSslHostnameVerificationEnabledProperty(), Boolean.toString(verify));
            if (verify && config.find(TRUST_STORE).isEmpty() && !X509Util.getFipsMode(settings)) {
                throw config.refuse("tls_trust_store: must be given where " + X509Util.FIPS_MODE_PROPERTY
                        + " is false, because ZooKeeper's client checks no host against Java's own");
            }
            var unused = names.createSSLContext(settings);
        } catch (X509Exception e) {
            ConfigException refusal =
                    config.refuse("tls_trust_store, tls_key_store: cannot be used: " + e.getMessage());
            refusal.initCause(e);
            throw refusal;
        }
    }

    private static void store(
            Config config,
            ZKClientConfig settings,
            Option<String> file,
            Option<Secret> password,
            String fileProperty,
            String passwordProperty,
            String typeProperty) {
        Optional<String> name = config.find(file);
        if (name.isEmpty()) {
            if (config.find(password).isPresent()) {
                throw config.refuse(password.name() + ": " + file.name() + " is missing");
            }
            return;
        }
        if (!isReadable(name.get())) {
            throw config.refuse(file.name() + ": cannot read '" + name.get() + "'");
        }
        settings.setProperty(fileProperty, name.get());
        settings.setProperty(typeProperty, type(config, file, name.get()));
        config.find(password).ifPresent(hidden -> settings.setProperty(passwordProperty, hidden.reveal()));
    }

    private static String type(Config config, Option<String> option, String file) {
        String lower = file.toLowerCase(Locale.ROOT);
        String ending = lower.substring(lower.lastIndexOf('.') + 1);
        return switch (ending) {
            case "pem" -> "PEM";
            case "p12", "pfx" -> "PKCS12";
            case "jks" -> "JKS";
            default -> throw config.refuse(option.name() + ": '" + file + "' must end in .pem, .p12 or .jks");
        };
    }

    private static boolean isReadable(String file) {
        try {
            return Files.isReadable(Path.of(file));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
