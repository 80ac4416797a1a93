package dev.holdfast.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.server.Version;
import dev.holdfast.server.barrier.KeyBytes;
import dev.holdfast.server.barrier.Seal;
import dev.holdfast.server.barrier.SealConfig;
import dev.holdfast.server.barrier.Secrets;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.server.cluster.UpgradeRefusedException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code sys/init}, {@code sys/unseal}, {@code sys/seal} and {@code sys/seal-status}, which each node answers itself. */
final class SealApi {
    private static final Logger log = LoggerFactory.getLogger(SealApi.class);

    private final Node node;
    private final Setup setup;
    private final Function<ClusterNode, Tokens> tokens;

    /**
     * What a node's configuration says here.
     *
     * @param clusterName for people
     * @param storageType of {@code storage}
     * @param fileKey the key that unseals this node by itself; empty for shares
     */
    record Setup(String clusterName, String storageType, Optional<KeyBytes> fileKey) {}

    SealApi(Node node, Setup setup, Function<ClusterNode, Tokens> tokens) {
        this.node = node;
        this.setup = setup;
        this.tokens = tokens;
    }

    Answer init(Call call) throws InterruptedException {
        if (call.verb() == Verb.READ) {
            return Answer.ok(
                    JsonText.object().put("initialized", node.seal().config().isPresent()));
        }
        call.only(Verb.WRITE);
        int shares = call.number("secret_shares", 5);
        int threshold = call.number("secret_threshold", Math.min(shares, 3));
        String problem = Seal.problem(shares, threshold);
        if (problem != null) {
            throw Refusal.badRequest(problem);
        }
        for (String unsupported : List.of("pgp_keys", "root_token_pgp_key", "stored_shares", "recovery_pgp_keys")) {
            if (!call.isEmpty(unsupported)) {
                throw Refusal.badRequest("'" + unsupported + "' is not supported by this server");
            }
        }
        return initialize(shares, threshold);
    }

    private Answer initialize(int shares, int threshold) throws InterruptedException {
        String[] rootToken = {""};
        try {
            List<byte[]> keys = node.initialize(
                    shares, threshold, setup.fileKey, storage -> rootToken[0] = Tokens.createRoot(storage, ""));
            ObjectNode body = JsonText.object();
            ArrayNode hex = body.putArray("keys");
            ArrayNode base64 = body.putArray("keys_base64");
            for (byte[] key : keys) {
                hex.add(HexFormat.of().formatHex(key));
                base64.add(Base64.getEncoder().encodeToString(key));
                Secrets.wipe(key);
            }
            body.put("root_token", rootToken[0]);
            unsealIfThatWorks();
            return Answer.ok(body);
        } catch (Node.AlreadyInitializedException e) {
            throw Refusal.badRequest(String.valueOf(e.getMessage()));
        } catch (Seal.InDoubtException e) {
            log.error("not known to be initialised", e);
            throw new Refusal(500, String.valueOf(e.getMessage()));
        }
    }

    /** Shares and root token are told this once, whatever becomes of unsealing, which is tried again anyway. */
    private void unsealIfThatWorks() {
        try {
            boolean unused = autoUnseal();
        } catch (RuntimeException e) {
            log.warn("initialised, and not unsealed yet: {}", e.getMessage());
        }
    }

    /**
     * Unseals a node that has a key file, when the cluster is initialised.
     *
     * @return whether there is nothing left to do
     * @throws IllegalStateException when the key is not this cluster's
     */
    boolean autoUnseal() {
        if (setup.fileKey.isEmpty() || node.cluster().isPresent()) {
            return true;
        }
        Optional<SealConfig> config = node.seal().config();
        if (config.isEmpty()) {
            return false;
        }
        try {
            node.unsealWith(config.get(), setup.fileKey.get().copy());
            return true;
        } catch (Seal.WrongKeyException e) {
            throw new IllegalStateException(
                    "the key file does not unseal this cluster, which was initialised with "
                            + config.get().type() + ": " + e.getMessage(),
                    e);
        }
    }

    Answer unseal(Call call) {
        call.only(Verb.WRITE);
        SealConfig config = node.seal()
                .config()
                .orElseThrow(() -> Refusal.badRequest("Vault is not initialized: initialize it first, at sys/init"));
        if (call.truth("reset")) {
            node.seal().reset();
            return status();
        }
        if (node.cluster().isPresent()) {
            return status();
        }
        String key = call.text("key");
        if (key.isEmpty()) {
            throw Refusal.badRequest("'key' must be specified in request body as JSON, or 'reset' set to true");
        }
        byte[] share = {};
        try {
            share = decode(key);
            node.unseal(config, share);
        } catch (Seal.WrongKeyException | IllegalArgumentException | UpgradeRefusedException e) {
            throw Refusal.badRequest(String.valueOf(e.getMessage()));
        } finally {
            Secrets.wipe(share);
        }
        return status();
    }

    /** Hexadecimal or Base64, as Vault takes them. */
    private static byte[] decode(String key) {
        try {
            return HexFormat.of().parseHex(key);
        } catch (IllegalArgumentException notHex) {
            try {
                return Base64.getDecoder().decode(key);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("'key' must be a valid hex or base64 string", e);
            }
        }
    }

    Answer seal(Call call) {
        call.only(Verb.WRITE);
        ClusterNode cluster = node.cluster().orElseThrow(SealApi::sealed);
        Token unused = Session.reading(cluster, tokens.apply(cluster)).authenticate(call);
        node.sealNow();
        return Answer.noContent();
    }

    static Refusal sealed() {
        return new Refusal(503, "Vault is sealed");
    }

    Answer status(Call call) {
        call.only(Verb.READ);
        return status();
    }

    private Answer status() {
        Optional<SealConfig> config = node.seal().config();
        Seal.Progress progress = node.seal().progress();
        boolean sealed = node.cluster().isEmpty();
        ObjectNode body = JsonText.object();
        body.put("type", config.map(SealConfig::type).orElse(setup.fileKey.isPresent() ? "file" : "shamir"));
        body.put("initialized", config.isPresent());
        body.put("sealed", sealed);
        body.put("t", config.map(SealConfig::threshold).orElse(0));
        body.put("n", config.map(SealConfig::shares).orElse(0));
        body.put("progress", sealed ? progress.collected() : 0);
        body.put("nonce", sealed ? progress.nonce() : "");
        body.put("version", node.identity().version());
        body.put("build_date", Version.buildDate());
        body.put("migration", false);
        putName(body, sealed ? null : config.orElse(null));
        body.put("recovery_seal", false);
        body.put("storage_type", setup.storageType);
        return Answer.ok(body);
    }

    /** A sealed node does not tell which cluster it belongs to. */
    private void putName(ObjectNode body, @Nullable SealConfig config) {
        if (config != null) {
            body.put("cluster_name", setup.clusterName);
            body.put("cluster_id", config.clusterId());
        }
    }
}
