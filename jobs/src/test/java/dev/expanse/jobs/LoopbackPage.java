package dev.expanse.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;

/**
 * What a process serves on this machine.
 *
 * @param port of 127.0.0.1
 */
record LoopbackPage(int port) {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  /** On a port that nobody has, for a process that is about to be started. */
  static LoopbackPage free() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return new LoopbackPage(socket.getLocalPort());
    }
  }

  /** What is there now, if anybody listens. */
  Optional<String> read(String path) throws InterruptedException {
    var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
    try {
      var response = CLIENT.send(request, BodyHandlers.ofString());
      return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
    } catch (IOException e) { // nobody yet, or no longer
      return Optional.empty();
    }
  }

  /** What must be there. */
  String get(String path) throws InterruptedException {
    var page = read(path);
    assertThat(page).as(path).isPresent();
    return page.get();
  }
}
