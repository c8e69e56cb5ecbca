// A load client that knows SSE, for 127.0.0.1 only. It checks every answer, ends by itself and prints one JSON document.
//   closed loop  --connections C --count N                 each connection asks again as soon as it is answered
//   open loop    --connections C --count N --rate R        R calls a second; times count from the intended moment
//   held         --connections N --hold-seconds S --rate R opens N streams, R a second, and holds them for S seconds
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 16384, MAX_CALLS = 2000000, MAX_SAMPLES = 4000000, HEAD_ROOM = 8192, LINE_ROOM = 512, MAX_SECONDS = 300 };

typedef enum { IDLE, HEAD, BODY } Phase;
typedef enum { BY_LENGTH, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILER, UNTIL_CLOSE } Framing;

typedef struct {
  int fd;
  Phase phase;
  Framing framing;
  size_t sent, head_length, left; // left: of the body or of the chunk under way
  char *head;
  char line[LINE_ROOM]; // the event line under way; for a document, its last bytes
  size_t line_length;
  char size_text[20];
  size_t size_length;
  size_t body_bytes, trailer_line;
  int status, events;
  bool done_seen, server_closes, waits_for_room, had_byte, had_event, malformed;
  int64_t intended;
} Connection;

typedef struct { uint64_t *values; size_t count, capacity; } Samples;

static struct {
  int port, connections, expect_events, timeout_seconds;
  long count;
  double rate, hold_seconds, ramp_seconds;
  bool streamed;
  const char *path, *body_file;
  char headers[8192];
} options = {.connections = 1, .count = 1, .timeout_seconds = 30, .path = "/v1/chat/completions"};

static char *request;
static size_t request_length;
static Connection *pool;
static int *idle, idle_count, epoll_fd, timer_fd, open_streams;
static long begun, finished, failed, planned, reconnects;
static int64_t start, armed_for;
static struct { long connect, status, body, events, early_end, unfinished; } faults;
static char first_fault[400];
static Samples first_byte, first_event, total, event_delay;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sample(Samples *samples, int64_t value) {
  if (samples->count == MAX_SAMPLES) return;
  if (samples->count == samples->capacity) {
    samples->capacity = samples->capacity ? samples->capacity * 2 : 65536;
    samples->values = realloc(samples->values, samples->capacity * sizeof *samples->values);
    if (!samples->values) abort();
  }
  samples->values[samples->count++] = value < 0 ? 0 : (uint64_t)value;
}

static void note_fault(long *kind, const char *what, const char *detail, size_t length) {
  (*kind)++;
  failed++;
  if (*first_fault) return;
  size_t at = (size_t)snprintf(first_fault, sizeof first_fault, "%s: ", what);
  for (size_t i = 0; i < length && at < sizeof first_fault - 1; i++) {
    char c = detail[i];
    first_fault[at++] = c < ' ' || c == '"' || c == '\\' || c > '~' ? ' ' : c;
  }
  first_fault[at] = 0;
}

// When the call with this number is meant to start; later calls of a closed loop have no such moment.
static int64_t intended_start(long number) {
  if (options.rate > 0) return start + (int64_t)((double)number * 1e9 / options.rate);
  return start + (int64_t)((double)number * options.ramp_seconds * 1e9 / options.connections);
}

static void arm_timer(int64_t when) {
  if (when == armed_for) return;
  armed_for = when;
  struct itimerspec at = {.it_value = {when / 1000000000LL, when % 1000000000LL}};
  timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static bool dial(Connection *c) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  struct timeval patience = {2, 0};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience); // bounds connect too
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) {
    note_fault(&faults.connect, "connect", strerror(errno), strlen(strerror(errno)));
    if (fd >= 0) close(fd);
    c->fd = -1;
    return false;
  }
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  c->fd = fd;
  c->waits_for_room = false;
  struct epoll_event e = {.events = EPOLLIN, .data.u32 = (uint32_t)(c - pool)};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e);
  return true;
}

static void drop(Connection *c) {
  if (c->fd >= 0) close(c->fd);
  c->fd = -1;
}

static bool push_request(Connection *c) {
  while (c->sent < request_length) {
    ssize_t n = send(c->fd, request + c->sent, request_length - c->sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return false;
    bool full = n < 0;
    if (!full) c->sent += (size_t)n;
    if (full == c->waits_for_room) {
      if (full) return true;
      continue;
    }
    c->waits_for_room = full;
    struct epoll_event e = {.events = EPOLLIN | (full ? EPOLLOUT : 0), .data.u32 = (uint32_t)(c - pool)};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &e);
    if (full) return true;
  }
  return true;
}

static void rest(Connection *c) {
  c->phase = IDLE;
  idle[idle_count++] = (int)(c - pool);
}

static void begin(Connection *c, int64_t intended) {
  begun++;
  c->phase = HEAD;
  c->sent = c->head_length = c->line_length = c->body_bytes = c->size_length = 0;
  c->events = 0;
  c->done_seen = c->server_closes = c->had_byte = c->had_event = c->malformed = false;
  c->intended = intended;
  if (c->fd < 0 && !dial(c)) {
    finished++;
    return rest(c);
  }
  if (push_request(c)) return;
  drop(c); // the server closed it while it was idle: that is its right, so ask once more on a new one
  reconnects++;
  c->sent = 0;
  if (dial(c) && push_request(c)) return;
  finished++;
  rest(c);
}

// Starts every call whose moment has come and for which a connection is free.
static void begin_due_calls(int64_t now) {
  while (begun < planned && idle_count && intended_start(begun) <= now) begin(&pool[idle[--idle_count]], intended_start(begun));
  if (begun < planned && idle_count) arm_timer(intended_start(begun));
}

static void finish_call(Connection *c, int64_t now) {
  finished++;
  open_streams -= c->had_event;
  sample(&total, now - c->intended);
  if (c->server_closes) drop(c);
  c->phase = IDLE;
  bool again = options.rate == 0 && begun >= options.connections && begun < planned;
  if (again) begin(c, now_ns());
  else {
    rest(c);
    if (options.rate > 0 && begun < planned) begin_due_calls(now);
  }
}

static void fail_call(Connection *c, long *kind, const char *what, int64_t now) {
  note_fault(kind, what, c->phase == BODY ? c->line : c->head, c->phase == BODY ? c->line_length : c->head_length);
  drop(c);
  finish_call(c, now);
}

static void check_answer(Connection *c, int64_t now) {
  if (c->status != 200) return fail_call(c, &faults.status, "status", now);
  if (c->malformed) return fail_call(c, &faults.body, "malformed body", now);
  if (options.streamed) {
    if (!c->done_seen) return fail_call(c, &faults.events, "no [DONE]", now);
    if (c->events != options.expect_events) return fail_call(c, &faults.events, "number of events", now);
  } else if (c->body_bytes < 600 || c->line[c->line_length - 1] != '}' || !memmem(c->line, c->line_length, "bench-end", 9)) {
    return fail_call(c, &faults.body, "incomplete document", now);
  }
  finish_call(c, now);
}

static void read_event_line(Connection *c, int64_t now) {
  size_t length = c->line_length;
  if (length && c->line[length - 1] == '\r') length--;
  if (length < 5 || memcmp(c->line, "data:", 5)) return; // blank, comment, or another field
  const char *data = c->line + 5, *end = c->line + length;
  if (data < end && *data == ' ') data++;
  if (c->done_seen) c->malformed = true;
  if (end - data == 6 && !memcmp(data, "[DONE]", 6)) {
    c->done_seen = true;
    return;
  }
  c->events++;
  if (!c->had_event) {
    c->had_event = true;
    open_streams++;
    sample(&first_event, now - c->intended);
  }
  const char *stamp = memchr(data, '@', (size_t)(end - data));
  if (stamp) sample(&event_delay, now - strtoll(stamp + 1, NULL, 10));
}

static void feed_stream(Connection *c, const char *bytes, size_t length, int64_t now) {
  while (length) {
    const char *eol = memchr(bytes, '\n', length);
    size_t part = eol ? (size_t)(eol - bytes) : length, room = LINE_ROOM - c->line_length;
    memcpy(c->line + c->line_length, bytes, part < room ? part : room);
    c->line_length += part < room ? part : room;
    if (!eol) return;
    read_event_line(c, now);
    c->line_length = 0;
    bytes += part + 1;
    length -= part + 1;
  }
}

static void keep_tail(Connection *c, const char *bytes, size_t length) {
  if (length >= LINE_ROOM) {
    memcpy(c->line, bytes + length - LINE_ROOM, LINE_ROOM);
    c->line_length = LINE_ROOM;
    return;
  }
  size_t keep = c->line_length + length > LINE_ROOM ? LINE_ROOM - length : c->line_length;
  memmove(c->line, c->line + c->line_length - keep, keep);
  memcpy(c->line + keep, bytes, length);
  c->line_length = keep + length;
}

static void feed_content(Connection *c, const char *bytes, size_t length, int64_t now) {
  if (!length) return;
  if (!c->had_byte) {
    c->had_byte = true;
    sample(&first_byte, now - c->intended);
  }
  c->body_bytes += length;
  if (options.streamed && c->status == 200) feed_stream(c, bytes, length, now);
  else keep_tail(c, bytes, length);
}

// Undoes the body's framing; true when the body has ended.
static bool feed_body(Connection *c, const char *bytes, size_t length, int64_t now) {
  const char *end = bytes + length;
  if (c->framing == BY_LENGTH && c->left == 0) return true;
  while (bytes < end) {
    size_t there = (size_t)(end - bytes), part;
    switch (c->framing) {
      case UNTIL_CLOSE:
        feed_content(c, bytes, there, now);
        return false;
      case BY_LENGTH:
      case CHUNK_DATA:
        part = there < c->left ? there : c->left;
        feed_content(c, bytes, part, now);
        bytes += part;
        c->left -= part;
        if (c->left) return false;
        if (c->framing == BY_LENGTH) return true;
        c->framing = CHUNK_END;
        break;
      case CHUNK_END:
        if (*bytes++ == '\n') c->framing = CHUNK_SIZE;
        break;
      case CHUNK_SIZE:
        if (*bytes != '\n') {
          if (c->size_length < sizeof c->size_text - 1) c->size_text[c->size_length++] = *bytes;
          bytes++;
          break;
        }
        bytes++;
        c->size_text[c->size_length] = 0;
        c->left = strtoull(c->size_text, NULL, 16);
        c->size_length = c->trailer_line = 0;
        c->framing = c->left ? CHUNK_DATA : TRAILER;
        break;
      case TRAILER:
        if (*bytes == '\n' && c->trailer_line == 0) return true;
        if (*bytes == '\n') c->trailer_line = 0;
        else if (*bytes != '\r') c->trailer_line++;
        bytes++;
        break;
    }
  }
  return false;
}

static void read_head(Connection *c, const char *end) {
  c->status = atoi(c->head + 9);
  c->framing = UNTIL_CLOSE;
  for (const char *line = memchr(c->head, '\n', (size_t)(end - c->head)); line && ++line < end;
       line = memchr(line, '\n', (size_t)(end - line))) {
    if (!strncasecmp(line, "content-length:", 15)) {
      c->framing = BY_LENGTH;
      c->left = strtoull(line + 15, NULL, 10);
    } else if (!strncasecmp(line, "transfer-encoding: chunked", 26)) c->framing = CHUNK_SIZE;
    else if (!strncasecmp(line, "connection: close", 17)) c->server_closes = true;
  }
  if (c->framing == UNTIL_CLOSE) c->server_closes = true;
}

static void feed(Connection *c, const char *bytes, size_t length, int64_t now) {
  if (c->phase == HEAD) {
    size_t room = HEAD_ROOM - c->head_length, part = length < room ? length : room;
    memcpy(c->head + c->head_length, bytes, part);
    char *end = memmem(c->head, c->head_length + part, "\r\n\r\n", 4);
    if (!end) {
      c->head_length += part;
      if (c->head_length == HEAD_ROOM) fail_call(c, &faults.body, "head too long", now);
      return;
    }
    size_t skip = (size_t)(end + 4 - c->head) - c->head_length;
    c->head_length = (size_t)(end + 4 - c->head);
    read_head(c, end + 2);
    c->phase = BODY;
    bytes += skip;
    length -= skip;
  }
  if (feed_body(c, bytes, length, now)) check_answer(c, now);
}

static void read_some(Connection *c) {
  static char room[1 << 17];
  ssize_t got = recv(c->fd, room, sizeof room, 0);
  if (got < 0 && errno == EAGAIN) return;
  int64_t now = now_ns();
  if (got > 0 && c->phase != IDLE) return feed(c, room, (size_t)got, now);
  if (c->phase == IDLE) return drop(c); // closed while idle, or bytes nobody asked for: start afresh
  if (got == 0 && c->phase == BODY && c->framing == UNTIL_CLOSE) return check_answer(c, now);
  if (c->phase == HEAD && c->head_length == 0) {
    // Closed just as the request left: an idle connection's end that crossed it on the way.
    drop(c);
    c->sent = 0;
    if (++reconnects < planned && dial(c) && push_request(c)) return;
  }
  fail_call(c, &faults.early_end, "ended early", now);
}

static void build_request(void) {
  FILE *file = fopen(options.body_file, "rb");
  struct stat info;
  if (!file || fstat(fileno(file), &info)) {
    perror(options.body_file);
    exit(2);
  }
  request = malloc((size_t)info.st_size + sizeof options.headers + 1024);
  if (!request) abort();
  request_length = (size_t)sprintf(request,
                                   "POST %.512s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\n"
                                   "accept: */*\r\nuser-agent: bench\r\n%scontent-length: %lld\r\n\r\n",
                                   options.path, options.port, options.headers, (long long)info.st_size);
  request_length += fread(request + request_length, 1, (size_t)info.st_size, file);
  fclose(file);
}

static int by_value(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static double at_share(const Samples *s, double share) {
  size_t at = (size_t)(share * (double)s->count);
  return (double)s->values[at < s->count ? at : s->count - 1] / 1000;
}

static void print_samples(const char *name, Samples *s) {
  printf(",\"%s\":", name);
  if (!s->count) {
    printf("null");
    return;
  }
  qsort(s->values, s->count, sizeof *s->values, by_value);
  double sum = 0;
  for (size_t i = 0; i < s->count; i++) sum += (double)s->values[i];
  printf("{\"count\":%zu,\"mean\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f}", s->count,
         sum / (double)s->count / 1000, at_share(s, 0.5), at_share(s, 0.9), at_share(s, 0.99), at_share(s, 1));
}

static double cpu_us(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void print_report(double cpu_before, int held) {
  double seconds = (double)(now_ns() - start) / 1e9, cpu = cpu_us() - cpu_before;
  printf("{\"event\":\"report\",\"planned\":%ld,\"finished\":%ld,\"failed\":%ld,\"held\":%d,\"reconnects\":%ld,\"seconds\":%.4f,"
         "\"cpuUs\":%.0f,\"events\":%zu,\"faults\":{\"connect\":%ld,\"status\":%ld,\"body\":%ld,\"events\":%ld,\"earlyEnd\":%ld,"
         "\"unfinished\":%ld},\"firstFault\":\"%s\"",
         planned, finished, failed, held, reconnects, seconds, cpu, event_delay.count, faults.connect, faults.status,
         faults.body, faults.events, faults.early_end, faults.unfinished, first_fault);
  print_samples("firstByteUs", &first_byte);
  print_samples("firstEventUs", &first_event);
  print_samples("totalUs", &total);
  print_samples("eventDelayUs", &event_delay);
  printf("}\n");
}

static void parse_options(int argc, char **argv) {
  static const struct option known[] = {
      {"port", 1, 0, 'p'},          {"path", 1, 0, 'u'},       {"header", 1, 0, 'h'},       {"body", 1, 0, 'b'},
      {"connections", 1, 0, 'c'},   {"count", 1, 0, 'n'},      {"rate", 1, 0, 'r'},         {"ramp-seconds", 1, 0, 'a'},
      {"expect-events", 1, 0, 'e'}, {"hold-seconds", 1, 0, 's'}, {"timeout-seconds", 1, 0, 't'}, {0, 0, 0, 0}};
  for (int o; (o = getopt_long(argc, argv, "", known, NULL)) != -1;) {
    size_t used = strlen(options.headers);
    switch (o) {
      case 'p': options.port = atoi(optarg); break;
      case 'u': options.path = optarg; break;
      case 'h': snprintf(options.headers + used, sizeof options.headers - used, "%s\r\n", optarg); break;
      case 'b': options.body_file = optarg; break;
      case 'c': options.connections = atoi(optarg); break;
      case 'n': options.count = atol(optarg); break;
      case 'r': options.rate = atof(optarg); break;
      case 'a': options.ramp_seconds = atof(optarg); break;
      case 'e': options.expect_events = atoi(optarg); options.streamed = true; break;
      case 's': options.hold_seconds = atof(optarg); break;
      case 't': options.timeout_seconds = atoi(optarg); break;
      default: exit(2);
    }
  }
  if (options.hold_seconds > 0) options.count = options.connections;
  bool sound = options.port > 0 && options.body_file && options.connections > 0 && options.connections <= MAX_CONNECTIONS &&
               options.count > 0 && options.count <= MAX_CALLS && options.timeout_seconds > 0 && options.timeout_seconds <= MAX_SECONDS;
  if (!sound) {
    fprintf(stderr, "usage: load --port P --body FILE [--expect-events N] --connections C --count N [--rate R] [--hold-seconds S] ...\n");
    exit(2);
  }
}

static void open_pool(void) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct epoll_event e = {.events = EPOLLIN, .data.u32 = UINT32_MAX};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &e);
  pool = calloc((size_t)options.connections, sizeof *pool);
  idle = calloc((size_t)options.connections, sizeof *idle);
  if (!pool || !idle) abort();
  for (int i = options.connections - 1; i >= 0; i--) {
    pool[i].fd = -1;
    pool[i].head = malloc(HEAD_ROOM);
    if (!pool[i].head) abort();
    if (options.hold_seconds == 0) dial(&pool[i]); // connecting is not what is measured; held streams connect as they come
    rest(&pool[i]);
  }
}

static void take_events(int timeout_ms) {
  struct epoll_event ready[256];
  int count = epoll_wait(epoll_fd, ready, 256, timeout_ms);
  for (int i = 0; i < count; i++) {
    if (ready[i].data.u32 == UINT32_MAX) {
      uint64_t fired;
      if (read(timer_fd, &fired, sizeof fired) > 0) armed_for = 0;
      begin_due_calls(now_ns());
      continue;
    }
    Connection *c = &pool[ready[i].data.u32];
    if (c->fd < 0) continue;
    if (ready[i].events & EPOLLOUT && !push_request(c)) fail_call(c, &faults.early_end, "ended early", now_ns());
    else if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_some(c);
  }
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); // whoever started it takes it along, however it ends
  signal(SIGPIPE, SIG_IGN);
  parse_options(argc, argv);
  build_request();
  planned = options.count;
  open_pool();
  double cpu_before = cpu_us();
  start = now_ns();
  int64_t deadline = start + options.timeout_seconds * 1000000000LL, hold_end = 0;
  begin_due_calls(now_ns());
  while (finished < planned && failed < 1000) {
    take_events(100);
    int64_t now = now_ns();
    if (now >= deadline || (hold_end && now >= hold_end)) break;
    if (options.rate == 0 && idle_count == options.connections && begun >= options.connections) break; // nobody asks any more
    if (options.hold_seconds > 0 && !hold_end && open_streams && open_streams + finished == planned) {
      hold_end = now + (int64_t)(options.hold_seconds * 1e9);
      printf("{\"event\":\"all-open\",\"streams\":%d}\n", open_streams);
      fflush(stdout);
    }
  }
  int held = open_streams;
  if (!hold_end && finished < planned) {
    faults.unfinished = planned - finished;
    failed += faults.unfinished;
  }
  print_report(cpu_before, held);
  return failed ? 1 : 0;
}
