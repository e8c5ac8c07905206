/** A stranger's module: it names no other module and needs no flag. */
module com.example.embedder {
  requires io.github.lanewise;
}
