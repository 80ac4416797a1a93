package dev.holdfast.bench.raw;

import java.net.URI;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The AWS SDK, blocking, over the HTTP client that it recommends. */
public final class RawS3 implements RawStore {
    private final S3Client client;
    private final String bucket;

    /** For the calls that can be given up: the client itself has none. */
    private final ExecutorService other = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "holdfast-bench-s3");
        thread.setDaemon(true);
        return thread;
    });

    /** @param atOnce how many requests are ever under way */
    public RawS3(String endpoint, String bucket, String accessKey, String secretKey, int atOnce) {
        this.bucket = bucket;
        client = S3Client.builder()
                .endpointOverride(URI.create(endpoint))
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey)))
                .httpClientBuilder(Apache5HttpClient.builder().maxConnections(atOnce))
                .build();
    }

    @Override
    public String name() {
        return "AWS SDK";
    }

    @Override
    public byte[] get(String key) {
        return client.getObjectAsBytes(get -> get.bucket(bucket).key(key)).asByteArray();
    }

    @Override
    public void put(String key, byte[] value) {
        var unused = client.putObject(put -> put.bucket(bucket).key(key), RequestBody.fromBytes(value));
    }

    /** In a thread that waits for it and does nothing else: the least there is over a client that blocks. */
    @Override
    public boolean getBounded(String key) throws Exception {
        return bounded(() -> get(key).length > 0);
    }

    @Override
    public boolean putBounded(String key, byte[] value) throws Exception {
        return bounded(() -> {
            put(key, value);
            return true;
        });
    }

    private boolean bounded(Callable<Boolean> call) throws Exception {
        return other.submit(call).get(10, TimeUnit.SECONDS);
    }

    @Override
    public void create(String key, byte[] value) {
        put(key, value);
    }

    @Override
    public List<String> scan(String directory) {
        return client
                .listObjectsV2Paginator(
                        list -> list.bucket(bucket).prefix(directory).delimiter("/"))
                .stream()
                .flatMap(page -> page.contents().stream())
                .map(found -> found.key().substring(directory.length()))
                .toList();
    }

    /** Overwritten twice, since a lock object is never deleted. */
    @Override
    public void twoCommits(String key) {
        put(key, new byte[] {'x'});
        put(key, new byte[] {'y'});
    }

    @Override
    public void close() {
        other.shutdownNow();
        client.close();
    }
}
