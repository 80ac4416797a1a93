package dev.holdfast.backend.s3;

import dev.holdfast.spi.InvalidKeyException;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Endpoint;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import dev.holdfast.spi.config.Secret;
import dev.holdfast.spi.driver.Checks;
import dev.holdfast.spi.driver.CommonOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A configuration whose options go together.
 *
 * @param path what every object's key starts with, ending in {@code /}
 * @param endpoint empty for AWS
 * @param region empty for what the SDK finds by itself
 * @param keys empty for the profile, or for what the SDK finds by itself
 * @param checksumsAlways whether every request carries a checksum, also where S3 does not ask for one
 * @param probesInFull whether it is tried out again and again what the store makes of many writes at once
 */
record S3Options(
        String bucket,
        String path,
        Optional<Endpoint> endpoint,
        Optional<String> region,
        boolean pathStyle,
        Optional<Keys> keys,
        Optional<String> profile,
        Encryption encryption,
        boolean checksumsAlways,
        int maxParallel,
        Duration requestTimeout,
        Duration lockTtl,
        Duration lockPoll,
        boolean probesInFull,
        boolean haEnabled) {

    /** Fixed credentials. */
    record Keys(String accessKey, Secret secretKey, Optional<Secret> sessionToken) {}

    /**
     * How the store is to encrypt objects.
     *
     * @param kind empty for the bucket's default
     * @param kmsKey empty for the account's default key
     */
    record Encryption(Optional<String> kind, Optional<String> kmsKey) {}

    /** S3 allows keys of 1,024 bytes, so a path and a key at their limits fit. */
    private static final int LONGEST_PATH = 200;

    private static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,254}|arn:[^\\s]+");

    static final Option<String> BUCKET_NAME = Option.string("bucket", "The bucket, which must exist")
            .check(S3Options::badBucket)
            .makeRequired()
            .overriddenBy("AWS_S3_BUCKET");
    static final Option<String> PATH = Option.string(
                    "path", "What every object's key starts with; instances with different paths do not meet")
            .defaultsTo("holdfast/")
            .check(S3Options::badPath)
            .asNamespace();
    static final Option<List<Endpoint>> ENDPOINT = Option.endpoints(
                    "endpoint", "The server, as https://host:port or http://host:port; left out for AWS")
            .check(S3Options::badEndpoint)
            .overriddenBy("AWS_S3_ENDPOINT");
    static final Option<String> REGION = Option.string(
                    "region", "The bucket's region; us-east-1 with an endpoint, otherwise as the AWS SDK finds it")
            .check(S3Options::blank)
            .overriddenBy("AWS_REGION", "AWS_DEFAULT_REGION");
    static final Option<Boolean> PATH_STYLE = Option.bool(
            "path_style",
            "Whether the bucket stands in the path instead of the host name; so by default with an endpoint");
    static final Option<String> ACCESS_KEY = Option.string(
            "access_key",
            "The access key; by default credentials are found as the AWS SDK does, web identity included");
    static final Option<Secret> SECRET_KEY = Option.secret("secret_key", "The secret that belongs to access_key");
    static final Option<Secret> SESSION_TOKEN = Option.secret("session_token", "The session token of temporary keys");
    static final Option<String> PROFILE = Option.string(
                    "profile",
                    "The profile of the AWS configuration files to take credentials and, without the option, the region from")
            .check(S3Options::blank);
    static final Option<String> SSE = Option.string(
                    "sse", "Server-side encryption: aes256 or aws:kms; by default what the bucket is set to")
            .check(kind -> Set.of("aes256", "aws:kms").contains(kind) ? null : "must be aes256 or aws:kms");
    static final Option<String> KMS_KEY_ID =
            Option.string("kms_key_id", "The KMS key for aws:kms").check(S3Options::blank);
    static final Option<String> CHECKSUMS = Option.string(
                    "checksums",
                    "when_supported: every request and answer; when_required: only where S3 asks, for older stores")
            .defaultsTo("when_supported")
            .check(mode -> Set.of("when_supported", "when_required").contains(mode)
                    ? null
                    : "must be when_supported or when_required");
    static final Option<Integer> MAX_PARALLEL = Option.integer(
                    "max_parallel", "How many requests for data run at once; others wait their turn")
            .defaultsTo("64")
            .check(number -> number >= 1 && number <= 1_000 ? null : "must be from 1 to 1000");
    static final Option<Duration> LOCK_TTL = CommonOptions.LOCK_TTL.check(
            ttl -> ttl.toMillis() < 1_000 || ttl.compareTo(Duration.ofDays(1)) > 0 ? "must be from 1s to 24h" : null);
    static final Option<Duration> LOCK_POLL = Option.duration(
                    "lock_poll", "How often a waiting contender looks whether the lock is free; one request each")
            .defaultsTo("1s")
            .check(poll -> poll.toMillis() < 10 ? "must be at least 10ms" : null);
    static final Option<String> LOCK_PROBE = Option.string(
                    "lock_probe",
                    "How conditional writes are tried out at opening: full, or brief where they are known to be atomic")
            .defaultsTo("full")
            .check(extent -> Set.of("full", "brief").contains(extent) ? null : "must be full or brief");

    static final OptionSchema SCHEMA = OptionSchema.of(
            BUCKET_NAME,
            PATH,
            ENDPOINT,
            REGION,
            PATH_STYLE,
            ACCESS_KEY,
            SECRET_KEY,
            SESSION_TOKEN,
            PROFILE,
            SSE,
            KMS_KEY_ID,
            CHECKSUMS,
            MAX_PARALLEL,
            CommonOptions.REQUEST_TIMEOUT,
            LOCK_TTL,
            LOCK_POLL,
            LOCK_PROBE,
            CommonOptions.HA_ENABLED);

    static S3Options of(Config config) {
        Optional<Endpoint> endpoint = config.find(ENDPOINT).map(all -> all.get(0));
        Optional<String> region = config.find(REGION);
        Encryption encryption = new Encryption(config.find(SSE), config.find(KMS_KEY_ID));
        if (encryption.kmsKey().isPresent() && !encryption.kind().equals(Optional.of("aws:kms"))) {
            throw config.refuse("kms_key_id: goes with sse=aws:kms only");
        }
        Optional<Keys> keys = keys(config);
        if (keys.isPresent() && config.find(PROFILE).isPresent()) {
            throw config.refuse("profile and access_key: give one of them");
        }
        Duration ttl = config.get(LOCK_TTL);
        if (config.get(LOCK_POLL).compareTo(ttl.dividedBy(2)) > 0) {
            throw config.refuse("lock_poll: must be at most half of lock_ttl");
        }
        return new S3Options(
                config.get(BUCKET_NAME),
                slashed(config.get(PATH)),
                endpoint,
                endpoint.isPresent() && region.isEmpty() ? Optional.of("us-east-1") : region,
                config.find(PATH_STYLE).orElse(endpoint.isPresent()),
                keys,
                config.find(PROFILE),
                encryption,
                config.get(CHECKSUMS).equals("when_supported"),
                config.get(MAX_PARALLEL),
                config.get(CommonOptions.REQUEST_TIMEOUT),
                ttl,
                config.get(LOCK_POLL),
                config.get(LOCK_PROBE).equals("full"),
                config.get(CommonOptions.HA_ENABLED));
    }

    /** Which store this is, for messages; no secret is part of it. */
    String store() {
        String where = endpoint.map(Endpoint::toString)
                .orElseGet(() -> region.map(name -> "AWS " + name).orElse("AWS"));
        return where + " bucket=" + bucket + " path=" + path;
    }

    @Override
    public String toString() {
        return store();
    }

    private static Optional<Keys> keys(Config config) {
        Optional<String> access = config.find(ACCESS_KEY).filter(key -> !key.isEmpty());
        Optional<Secret> secret =
                config.find(SECRET_KEY).filter(key -> !key.reveal().isEmpty());
        Optional<Secret> token =
                config.find(SESSION_TOKEN).filter(key -> !key.reveal().isEmpty());
        if (access.isPresent() != secret.isPresent()) {
            throw config.refuse("access_key and secret_key: give both or neither");
        }
        if (token.isPresent() && access.isEmpty()) {
            throw config.refuse("session_token: goes with access_key and secret_key only");
        }
        return access.map(key -> new Keys(key, secret.orElseThrow(), token));
    }

    private static String slashed(String path) {
        String inner = path.startsWith("/") ? path.substring(1) : path;
        return inner.endsWith("/") ? inner : inner + "/";
    }

    private static @Nullable String blank(String text) {
        return text.isBlank() ? "must not be empty" : null;
    }

    private static @Nullable String badBucket(String name) {
        if (!BUCKET.matcher(name).matches()) {
            return "must be the name of a bucket, or its ARN";
        }
        return name.endsWith("--x-s3") ? "must not be a directory bucket, which does not list in order" : null;
    }

    private static @Nullable String badEndpoint(List<Endpoint> endpoints) {
        if (endpoints.size() != 1) {
            return "must be one address";
        }
        return Set.of("http", "https").contains(endpoints.get(0).scheme())
                ? null
                : "must start with https:// or http://";
    }

    private static @Nullable String badPath(String path) {
        try {
            Prefix prefix = Prefix.of(slashed(path));
            if (Checks.utf8Length(prefix.path()) > LONGEST_PATH) {
                return "must be at most " + LONGEST_PATH + " bytes long";
            }
            for (String reserved : S3Keys.RESERVED) {
                if (("/" + prefix.path()).contains("/" + reserved + "/")) {
                    return "must not contain the segment '" + reserved + "', which this backend uses itself";
                }
            }
            return null;
        } catch (InvalidKeyException e) {
            return "must be segments separated by '/', none of them empty, such as holdfast/";
        }
    }
}
