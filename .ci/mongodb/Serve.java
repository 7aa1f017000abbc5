import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.io.IOException;
import java.util.List;

/**
 * The stand-in database of the test runs: mongo-java-server in memory, on a free loopback port (or the one given).
 * Prints its address as the only line once it accepts connections, and ends when its standard input does, so that it
 * cannot outlive the run that started it.
 */
class Serve {
  /** Drivers of today refuse a server below wire version 9; out of the box it says 8. */
  static final MongoVersion VERSION = new MongoVersion() {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }
  };

  public static void main(String[] arguments) throws IOException {
    int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 0;
    MongoServer server = new MongoServer(new MemoryBackend().version(VERSION));
    server.bind("127.0.0.1", port);
    System.out.println("mongodb://127.0.0.1:" + server.getLocalAddress().getPort());
    while (System.in.read() >= 0) {
      // Whoever started us is still there.
    }
    server.shutdownNow();
  }
}
