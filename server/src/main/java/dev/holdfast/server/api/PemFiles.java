package dev.holdfast.server.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/** A listener's certificate and key, as the usual tools write them. */
final class PemFiles {
    private PemFiles() {}

    /** @throws IOException naming the file that cannot be used, and showing nothing of it */
    static KeyStore keyStore(Path certFile, Path keyFile) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("listener", key(keyFile), new char[0], chain(certFile));
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(certFile + " and " + keyFile + " do not go together: " + e.getMessage(), e);
        }
    }

    private static Certificate[] chain(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Certificate[] chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .toArray(Certificate[]::new);
            if (chain.length == 0) {
                throw new IOException(file + " has no certificate");
            }
            return chain;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " has no certificate in PEM: " + e.getMessage(), e);
        }
    }

    private static PrivateKey key(Path file) throws IOException {
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.US_ASCII);
                PEMParser parser = new PEMParser(in)) {
            for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
                if (found instanceof PEMKeyPair pair) {
                    return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
                }
                if (found instanceof PrivateKeyInfo info) {
                    return new JcaPEMKeyConverter().getPrivateKey(info);
                }
            }
            throw new IOException(file + " has no private key in PEM, or an encrypted one");
        }
    }
}
