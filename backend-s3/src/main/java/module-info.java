/** Storage and leader locks in S3. Nothing is exported: the provider is found by its service. */
@SuppressWarnings("module") // the lint dislikes the digit, which is part of the name
module dev.holdfast.backend.s3 {
    requires static org.jspecify;
    requires dev.holdfast.spi;
    requires org.apache.httpcomponents.client5.httpclient5;
    requires org.apache.httpcomponents.core5.httpcore5;
    requires org.slf4j;
    requires software.amazon.awssdk.auth;
    requires software.amazon.awssdk.awscore;
    requires software.amazon.awssdk.core;
    requires software.amazon.awssdk.http;
    requires software.amazon.awssdk.http.auth.aws;
    requires software.amazon.awssdk.http.auth.spi;
    requires software.amazon.awssdk.identity.spi;
    requires software.amazon.awssdk.regions;
    requires software.amazon.awssdk.retries.api;
    requires software.amazon.awssdk.services.s3;
    requires software.amazon.awssdk.utils;

    provides dev.holdfast.spi.BackendProvider with
            dev.holdfast.backend.s3.S3Provider;
}
