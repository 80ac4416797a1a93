package dev.holdfast.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a cluster. Storage has keyed hashes only, and what is found by its hash is compared once more, in constant
 * time.
 */
final class Tokens {
    private static final Key SALT = Key.of("core/token-salt");
    private static final int LONGEST = 512;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final ObjectMapper JSON = new ObjectMapper();

    private volatile byte @Nullable [] salt;

    private static Key key(String name) {
        return Key.of("core/tokens/" + name);
    }

    /** A new token that may do everything, of which a person or program learns only here. */
    static String createRoot(Backend storage, String wanted) {
        byte[] salt = new byte[32];
        RANDOM.nextBytes(salt);
        storage.put(Entry.of(SALT, salt));
        String token = wanted.isEmpty() ? newRoot() : wanted;
        Token stored = new Token(
                sha256(token),
                random(24),
                "root",
                "auth/token/root",
                List.of("root"),
                Instant.now().getEpochSecond());
        try {
            storage.put(Entry.of(key(name(salt, token)), JSON.writeValueAsBytes(stored)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of plain values is always JSON", e);
        }
        return token;
    }

    static String newRoot() {
        return "hvs." + random(24);
    }

    /** What is known of a token; empty when it is none of this cluster's. */
    Optional<Token> find(Backend storage, String token) {
        if (token.isEmpty() || token.length() > LONGEST) {
            return Optional.empty();
        }
        Optional<Entry> entry = storage.get(key(name(salt(storage), token)));
        return entry.map(Tokens::parse)
                .filter(found -> MessageDigest.isEqual(
                        found.hash().getBytes(StandardCharsets.US_ASCII),
                        sha256(token).getBytes(StandardCharsets.US_ASCII)));
    }

    private byte[] salt(Backend storage) {
        byte[] known = salt;
        if (known == null) {
            known = storage.get(SALT)
                    .orElseThrow(() -> corrupt(SALT, "the salt of the tokens is missing"))
                    .value();
            salt = known;
        }
        return known;
    }

    private static Token parse(Entry entry) {
        try {
            return JSON.readValue(entry.value(), Token.class);
        } catch (IOException e) {
            throw corrupt(entry.key(), "it is no token of this version");
        }
    }

    private static BackendException.Corrupt corrupt(Key key, String detail) {
        return new BackendException.Corrupt(
                Operation.at("api", "encrypted storage").on("get", key), detail, null);
    }

    private static String name(byte[] salt, String token) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(salt, "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(token.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is part of every JDK", e);
        }
    }

    private static String sha256(String token) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    private static String random(int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
