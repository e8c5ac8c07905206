package io.github.lanewise.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against servers on the loopback interface, with small files in place of MNIST's. */
class MnistDownloadTest {
  @TempDir Path directory;

  private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final byte[] content = new byte[2000];
  private ExecutorService threads;
  private HttpServer server;
  private byte[] good;
  private List<MnistDownload.Published> files;

  @BeforeEach
  void serve() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) random.nextInt(8); // so that gzip makes it shorter
    }
    good = IdxFiles.gzip(content);
    String md5 = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content));
    files =
        List.of(
            new MnistDownload.Published("one", content.length, md5),
            new MnistDownload.Published("two", content.length, md5));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    threads = Executors.newCachedThreadPool();
    server.setExecutor(threads);
    server.start();
    answer("/good/", good);
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
    threads.shutdown();
  }

  private void answer(String path, byte[] body) {
    answer(path, 200, body, body.length);
  }

  private void answer(String path, int status, byte[] body, long announced) {
    server.createContext(
        path,
        exchange -> {
          requests.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(status, announced);
          exchange.getResponseBody().write(body);
          exchange.getResponseBody().flush();
          exchange.close(); // cuts the connection if less than announced was written
        });
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private void fetch(String... mirrors) throws IOException {
    Duration patience = Duration.ofMillis(500);
    new MnistDownload(
            Stream.of(mirrors).map(this::uri).toList(), files, patience, patience.multipliedBy(2))
        .fetch(directory);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** The first mirror is bad: the second serves, or if there is none, nothing is left behind. */
  private void assertNextMirrorServes(String bad, String problem) throws IOException {
    String message = assertThrows(IOException.class, () -> fetch(bad)).getMessage();
    assertTrue(message.contains("one.gz"), message);
    assertTrue(message.contains(uri(bad + "one.gz") + ": "), message);
    assertTrue(message.contains(problem), message);
    assertEquals(List.of(), names());

    fetch(bad, "/good/");
    assertEquals(List.of("one.gz", "two.gz"), names());
    assertArrayEquals(good, Files.readAllBytes(directory.resolve("one.gz")));
  }

  @Test
  void fetchesAllFilesIntoANewDirectory() throws IOException {
    directory = directory.resolve("a").resolve("b");
    fetch("/good/");
    assertEquals(List.of("one.gz", "two.gz"), names());
    assertArrayEquals(good, Files.readAllBytes(directory.resolve("two.gz")));
    assertEquals(List.of("/good/one.gz", "/good/two.gz"), List.copyOf(requests));
  }

  @Test
  void fetchesOnlyWhatIsMissing() throws IOException {
    Files.write(directory.resolve("one"), content);
    fetch("/good/");
    assertEquals(List.of("/good/two.gz"), List.copyOf(requests));
    fetch("/good/");
    assertEquals(1, requests.size());
  }

  @Test
  void anUnknownLengthIsFine() throws IOException {
    answer("/chunked/", 200, good, 0);
    fetch("/chunked/");
    assertArrayEquals(good, Files.readAllBytes(directory.resolve("one.gz")));
  }

  @Test
  void notFound() throws IOException {
    answer("/404/", 404, new byte[0], -1);
    assertNextMirrorServes("/404/", "HTTP status 404");
  }

  @Test
  void nothingListens() throws IOException {
    URI closed = URI.create("http://127.0.0.1:1/");
    MnistDownload download =
        new MnistDownload(
            List.of(closed, uri("/good/")), files, Duration.ofSeconds(1), Duration.ofSeconds(9));
    download.fetch(directory);
    assertEquals(List.of("one.gz", "two.gz"), names());
  }

  @Test
  void wrongContent() throws IOException {
    byte[] other = content.clone();
    other[7]++;
    answer("/other/", IdxFiles.gzip(other));
    assertNextMirrorServes("/other/", "MD5");
  }

  @Test
  void wrongLengthOfContent() throws IOException {
    answer("/shorter/", IdxFiles.gzip(Arrays.copyOf(content, 1999)));
    assertNextMirrorServes("/shorter/", "decompresses to 1999 bytes, not 2000");
    answer("/bomb/", IdxFiles.gzip(new byte[1_000_000]));
    directory = Files.createDirectory(directory.resolve("new"));
    assertNextMirrorServes("/bomb/", "more than 2000 bytes");
  }

  @Test
  void truncatedBody() throws IOException {
    byte[] half = Arrays.copyOf(good, good.length / 2);
    answer("/cut/", 200, half, good.length);
    assertNextMirrorServes("/cut/", "EOF");
    answer("/short/", half);
    directory = Files.createDirectory(directory.resolve("new"));
    assertNextMirrorServes("/short/", "truncated gzip data");
  }

  @Test
  void notGzip() throws IOException {
    answer("/html/", "<html>Please log in</html>".getBytes());
    assertNextMirrorServes("/html/", "corrupt gzip data");
  }

  @Test
  void moreThanTheDecompressedFile() throws IOException {
    answer("/long/", new byte[2001]);
    assertNextMirrorServes("/long/", "2001 bytes announced");
  }

  @Test
  void silence() throws IOException {
    server.createContext(
        "/silent/",
        exchange -> {
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    assertNextMirrorServes("/silent/", "timed out");
  }

  @Test
  void aTrickleThatWouldNeverEnd() throws IOException {
    server.createContext(
        "/trickle/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try {
            for (byte b : good) {
              exchange.getResponseBody().write(b);
              exchange.getResponseBody().flush();
              Thread.sleep(100);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    String message = assertThrows(IOException.class, () -> fetch("/trickle/")).getMessage();
    assertTrue(message.contains("not complete after"), message);
    assertEquals(List.of(), names());
  }

  @Test
  void whenAllFailEachIsReported() {
    answer("/404/", 404, new byte[0], -1);
    answer("/html/", "<html>".getBytes());
    String message = assertThrows(IOException.class, () -> fetch("/404/", "/html/")).getMessage();
    assertTrue(message.contains(uri("/404/one.gz") + ": HTTP status 404"), message);
    assertTrue(message.contains(uri("/html/one.gz") + ": corrupt gzip data"), message);
  }
}
