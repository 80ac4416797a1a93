package dev.holdfast.server.api;

import dev.holdfast.server.config.ListenerConfig;
import dev.holdfast.spi.config.ConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** A listener's certificate and key, as the usual tools write them. Problems name the key and the file, and show nothing of it. */
final class PemFiles {
    private static final String CERT = "listener.tcp.tls_cert_file";
    private static final String KEY = "listener.tcp.tls_key_file";
    private static final String ALIAS = "listener";

    private PemFiles() {}

    /** @throws ConfigException when a file cannot be used, or the two do not go together */
    static KeyStore keyStore(ListenerConfig.Tls tls) {
        Certificate[] chain = chain(tls.certFile());
        PrivateKey key = key(tls.keyFile());
        if (!goTogether(chain[0], key)) {
            throw refusal(KEY, tls.keyFile(), "it is not the key of the first certificate in " + tls.certFile());
        }
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(ALIAS, key, new char[0], chain);
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw refusal(
                    CERT, tls.certFile(), "it does not go together with " + tls.keyFile() + ": " + e.getMessage());
        }
    }

    /** The certificate that the key is of. */
    static X509Certificate certificate(KeyStore store) throws KeyStoreException {
        return (X509Certificate) store.getCertificate(ALIAS);
    }

    /** What is told when nothing of it can be used together for a reason that nothing here looks for. */
    static ConfigException unusable(ListenerConfig.Tls tls, Exception why) {
        return refusal(CERT, tls.certFile(), "it cannot be used with " + tls.keyFile() + ": " + why);
    }

    private static Certificate[] chain(Path file) {
        try {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                    .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw refusal(CERT, file, "there is no certificate in it");
            }
            return chain;
        } catch (IOException e) {
            throw unreadable(CERT, file, e);
        } catch (GeneralSecurityException e) {
            throw refusal(CERT, file, "it must hold the certificate, and those between it and a trusted one, in PEM");
        }
    }

    private static PrivateKey key(Path file) {
        try {
            return key(file, Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw unreadable(KEY, file, e);
        }
    }

    /** What the parser says of a broken key is not told: it may show some of it. */
    private static PrivateKey key(Path file, String text) {
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
                if (found instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                }
                if (found instanceof PrivateKeyInfo info) {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                }
                if (found instanceof PEMEncryptedKeyPair || found instanceof PKCS8EncryptedPrivateKeyInfo) {
                    throw refusal(KEY, file, "its key is encrypted; it must be one that needs no password");
                }
            }
        } catch (ConfigException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw refusal(KEY, file, "its private key is broken, or of a kind that this JVM does not have");
        }
        throw refusal(KEY, file, "there is no private key in PEM in it");
    }

    /** Otherwise each handshake would fail later, without a word of why. */
    private static boolean goTogether(Certificate certificate, PrivateKey key) {
        if (key.getAlgorithm().equals("RSASSA-PSS")) {
            return true; // what to sign with depends on parameters that only a handshake settles
        }
        String algorithm = switch (key.getAlgorithm()) {
            case "EC", "ECDSA" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> key.getAlgorithm();
        };
        byte[] text = {1};
        try {
            Signature signing = Signature.getInstance(algorithm);
            signing.initSign(key);
            signing.update(text);
            Signature checking = Signature.getInstance(algorithm);
            checking.initVerify(certificate.getPublicKey());
            checking.update(text);
            return checking.verify(signing.sign());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static ConfigException unreadable(String option, Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return refusal(option, file, "there is no such file");
        }
        return refusal(
                option,
                file,
                e instanceof AccessDeniedException ? "this process may not read it" : "it cannot be read: " + e);
    }

    private static ConfigException refusal(String option, Path file, String problem) {
        return new ConfigException("configuration", List.of(option + ": " + file + ": " + problem));
    }
}
