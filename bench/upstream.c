// A loopback provider that speaks OpenAI chat over HTTP/1.1 and is cheap enough not to be what the bench measures.
// The model's name (its last segment after '/') or the last segment of the path or the query `shape=` chooses the answer:
//   doc                a document of about 1 KB
//   burst-N            a stream of N events of about 200 bytes, sent at once
//   paced-N-MS         a stream of N events, MS milliseconds apart, each stamped with the moment it was due; the first
//                      one comes after a pause of 5 ms, as no provider answers before the request has been read
// `"stream": true` decides between document and stream, so `doc` can be streamed and `burst-60` asked for whole.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 20000, MAX_REQUEST = 4 << 20, MAX_UNSENT = 1 << 20, MAX_EVENTS_PER_STREAM = 10000 };

// Caddy 2.6 now and then cuts a stream that begins while it is still handing on the request's last byte.
static const int64_t PAUSE_NS = 5000000;

typedef struct { char *bytes; size_t length, capacity; } Buffer;

typedef struct {
  bool streamed, wants_usage;
  int events;
  int64_t interval_ns; // 0: a burst
} Shape;

typedef struct {
  int fd;
  uint32_t generation; // tells a live stream's timer from one left by an earlier connection
  bool waits_for_room, close_after;
  Buffer in, unsent;
  const char *fixed; // a prepared answer being sent; never owned
  size_t fixed_left;
  bool paced;
  Shape shape;
  int next_event;
  int64_t started;
} Connection;

typedef struct { int64_t due; int fd; uint32_t generation; } Timer;

static Connection *connections[MAX_CONNECTIONS];
static uint32_t generations[MAX_CONNECTIONS];
static Timer timers[MAX_CONNECTIONS * 2];
static int timer_count, epoll_fd, timer_fd;
static int64_t armed_for;
static Buffer document, bursts[MAX_EVENTS_PER_STREAM + 1][2];

static const char STREAM_HEAD[] =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    "openai-version: 2020-10-01\r\nopenai-processing-ms: 1\r\nx-request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n";
static const char USAGE[] =
    "\"usage\":{\"prompt_tokens\":180,\"completion_tokens\":120,\"total_tokens\":300,"
    "\"prompt_tokens_details\":{\"cached_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}}";

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void append(Buffer *buffer, const void *bytes, size_t length) {
  if (buffer->length + length > buffer->capacity) {
    buffer->capacity = (buffer->length + length) * 2;
    buffer->bytes = realloc(buffer->bytes, buffer->capacity);
    if (!buffer->bytes) abort();
  }
  memcpy(buffer->bytes + buffer->length, bytes, length);
  buffer->length += length;
}

static void append_text(Buffer *buffer, const char *text) { append(buffer, text, strlen(text)); }

static void append_framed(Buffer *out, const char *event, size_t length) {
  char frame[16];
  append(out, frame, snprintf(frame, sizeof frame, "%zx\r\n", length));
  append(out, event, length);
  append(out, "\r\n", 2);
}

// One stream event as OpenAI writes it; `due` (0: none) stands between two '@' for the load client to read.
static void append_event(Buffer *out, int index, int events, int64_t due) {
  char event[512], stamp[40] = "";
  if (due) snprintf(stamp, sizeof stamp, "@%lld@", (long long)due);
  int length = snprintf(
      event, sizeof event,
      "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"bench\","
      "\"choices\":[{\"index\":0,\"delta\":{%s\"content\":\"%s%04d of a stream\"},\"finish_reason\":%s}]}\n\n",
      index == 0 ? "\"role\":\"assistant\"," : "", stamp, index, index == events - 1 ? "\"stop\"" : "null");
  append_framed(out, event, (size_t)length);
}

static void append_end(Buffer *out, bool wants_usage) {
  char event[512];
  if (wants_usage) {
    int length = snprintf(event, sizeof event,
                          "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"
                          "\"model\":\"bench\",\"choices\":[],%s}\n\n",
                          USAGE);
    append_framed(out, event, (size_t)length);
  }
  append_framed(out, "data: [DONE]\n\n", 14);
  append_text(out, "0\r\n\r\n");
}

static const Buffer *prepared_document(void) {
  if (document.length) return &document;
  Buffer body = {0};
  append_text(&body, "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1760000000,\"model\":\"bench\","
                     "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"");
  while (body.length < 640) append_text(&body, "The quick brown fox jumps over the lazy dog. ");
  append_text(&body, "bench-end\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],");
  append_text(&body, USAGE);
  append_text(&body, ",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_bench\"}");
  char head[512];
  append(&document, head,
         (size_t)snprintf(head, sizeof head,
                          "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n"
                          "openai-version: 2020-10-01\r\nopenai-processing-ms: 1\r\nx-request-id: req_bench\r\n\r\n",
                          body.length));
  append(&document, body.bytes, body.length);
  free(body.bytes);
  return &document;
}

static const Buffer *prepared_burst(int events, bool wants_usage) {
  Buffer *burst = &bursts[events][wants_usage];
  if (burst->length) return burst;
  append_text(burst, STREAM_HEAD);
  for (int i = 0; i < events; i++) append_event(burst, i, events, 0);
  append_end(burst, wants_usage);
  return burst;
}

static void sift_down(int at) {
  for (;;) {
    int least = at, left = 2 * at + 1, right = left + 1;
    if (left < timer_count && timers[left].due < timers[least].due) least = left;
    if (right < timer_count && timers[right].due < timers[least].due) least = right;
    if (least == at) return;
    Timer t = timers[at];
    timers[at] = timers[least];
    timers[least] = t;
    at = least;
  }
}

static void schedule(Connection *c, int64_t due) {
  if (timer_count == MAX_CONNECTIONS * 2) abort();
  int at = timer_count++;
  while (at > 0 && timers[(at - 1) / 2].due > due) {
    timers[at] = timers[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  timers[at] = (Timer){due, c->fd, c->generation};
}

static void drop_first_timer(void) {
  timers[0] = timers[--timer_count];
  sift_down(0);
}

static void arm_timer(void) {
  int64_t due = timer_count ? timers[0].due : 0;
  if (due == armed_for) return;
  armed_for = due;
  struct itimerspec when = {.it_value = {due / 1000000000LL, due % 1000000000LL}}; // 0 disarms
  timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void hang_up(Connection *c) {
  close(c->fd);
  generations[c->fd]++;
  connections[c->fd] = NULL;
  free(c->in.bytes);
  free(c->unsent.bytes);
  free(c);
}

static void watch_room(Connection *c, bool wanted) {
  if (c->waits_for_room == wanted) return;
  c->waits_for_room = wanted;
  struct epoll_event e = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.fd = c->fd};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &e);
}

// Sends what is left of the prepared answer, then what was kept back; false when the peer is gone.
static bool flush_connection(Connection *c) {
  while (c->fixed_left) {
    ssize_t sent = send(c->fd, c->fixed, c->fixed_left, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN) return false;
      watch_room(c, true);
      return true;
    }
    c->fixed += sent;
    c->fixed_left -= (size_t)sent;
  }
  while (c->unsent.length) {
    ssize_t sent = send(c->fd, c->unsent.bytes, c->unsent.length, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno != EAGAIN || c->unsent.length > MAX_UNSENT) return false;
      watch_room(c, true);
      return true;
    }
    c->unsent.length -= (size_t)sent;
    memmove(c->unsent.bytes, c->unsent.bytes + sent, c->unsent.length);
  }
  watch_room(c, false);
  return true;
}

// Sends every event of a paced stream that is due by now; false when the peer is gone.
static bool send_due_events(Connection *c, int64_t now) {
  while (c->paced) {
    int64_t due = c->started + c->next_event * c->shape.interval_ns;
    if (due > now) {
      schedule(c, due);
      break;
    }
    if (c->next_event == 0) append_text(&c->unsent, STREAM_HEAD);
    append_event(&c->unsent, c->next_event, c->shape.events, due);
    if (++c->next_event < c->shape.events) continue;
    append_end(&c->unsent, c->shape.wants_usage);
    c->paced = false;
  }
  return flush_connection(c);
}

static const char *find(const char *in, size_t length, const char *what) { return memmem(in, length, what, strlen(what)); }

static bool says_true(const char *body, size_t length, const char *key) {
  const char *at = find(body, length, key), *end = body + length;
  if (!at) return false;
  for (at += strlen(key); at < end && (*at == ' ' || *at == ':'); at++) {}
  return end - at >= 4 && !memcmp(at, "true", 4);
}

static bool parse_shape_name(const char *name, Shape *shape) {
  int events = 60, interval_ms = 0;
  if (!strcmp(name, "doc")) shape->events = 60;
  else if (sscanf(name, "burst-%d", &events) == 1) shape->events = events;
  else if (sscanf(name, "paced-%d-%d", &events, &interval_ms) == 2) shape->events = events;
  else return false;
  shape->interval_ns = interval_ms * 1000000LL;
  return events >= 1 && events <= MAX_EVENTS_PER_STREAM && interval_ms >= 0 && interval_ms <= 600000;
}

static const char *last_segment(char *name) {
  char *slash = strrchr(name, '/');
  return slash ? slash + 1 : name;
}

static bool shape_from_body(const char *body, size_t length, Shape *shape) {
  const char *at = find(body, length, "\"model\""), *end = body + length;
  if (!at) return false;
  for (at += 7; at < end && (*at == ' ' || *at == ':'); at++) {}
  if (at >= end || *at++ != '"') return false;
  char name[128];
  size_t n = 0;
  while (at < end && *at != '"' && n < sizeof name - 1) name[n++] = *at++;
  name[n] = 0;
  return parse_shape_name(last_segment(name), shape);
}

static bool shape_from_target(const char *target, size_t length, Shape *shape) {
  char name[512];
  if (length >= sizeof name) return false;
  memcpy(name, target, length);
  name[length] = 0;
  char *query = strstr(name, "shape=");
  if (query) {
    query[6 + strcspn(query + 6, "& ")] = 0;
    return parse_shape_name(query + 6, shape);
  }
  name[strcspn(name, "?")] = 0;
  return parse_shape_name(last_segment(name), shape);
}

static bool refuse(Connection *c, const char *status, const char *message) {
  char answer[512];
  int body = (int)strlen(message) + 24;
  append(&c->unsent, answer,
         (size_t)snprintf(answer, sizeof answer,
                          "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
                          "{\"error\":{\"message\":\"%s\"}}",
                          status, body, message));
  return flush_connection(c);
}

static bool answer(Connection *c, const char *target, size_t target_length, const char *body, size_t length) {
  Shape shape = {0};
  if (!shape_from_body(body, length, &shape) && !shape_from_target(target, target_length, &shape))
    return refuse(c, "404 Not Found", "models: doc, burst-N, paced-N-MS");
  shape.streamed = says_true(body, length, "\"stream\"");
  shape.wants_usage = says_true(body, length, "\"include_usage\"");
  if (shape.streamed && shape.interval_ns) {
    c->shape = shape;
    c->paced = true;
    c->next_event = 0;
    c->started = now_ns() + PAUSE_NS;
    schedule(c, c->started);
    return true;
  }
  const Buffer *prepared = shape.streamed ? prepared_burst(shape.events, shape.wants_usage) : prepared_document();
  c->fixed = prepared->bytes;
  c->fixed_left = prepared->length;
  return flush_connection(c);
}

typedef struct { bool chunked, closes, expects; size_t length; } Head;

static Head read_head(const char *head, const char *end) {
  Head seen = {0};
  for (const char *line = memchr(head, '\n', (size_t)(end - head)); line && ++line < end;
       line = memchr(line, '\n', (size_t)(end - line))) {
    if (!strncasecmp(line, "content-length:", 15)) seen.length = strtoull(line + 15, NULL, 10);
    else if (!strncasecmp(line, "transfer-encoding:", 18)) seen.chunked = true;
    else if (!strncasecmp(line, "connection: close", 17)) seen.closes = true;
    else if (!strncasecmp(line, "expect:", 7)) seen.expects = true;
  }
  return seen;
}

// Joins a chunked body in place; returns the bytes it took on the wire, 0 when more must come, -1 when it is broken.
static ssize_t join_chunks(char *bytes, size_t length, size_t *joined) {
  size_t at = 0;
  for (*joined = 0;;) {
    char *eol = memmem(bytes + at, length - at, "\r\n", 2);
    if (!eol) return 0;
    size_t size = strtoull(bytes + at, NULL, 16);
    if (size > MAX_REQUEST) return -1;
    at = (size_t)(eol - bytes) + 2;
    if (at + size + 2 > length) return 0;
    if (size == 0) return (ssize_t)at + 2; // trailers are not expected of a client here
    memmove(bytes + *joined, bytes + at, size);
    *joined += size;
    at += size + 2;
  }
}

// True while the connection lives. A chunked body is joined only once all of it is there, so a second look is safe.
static bool serve_requests(Connection *c) {
  while (c->in.length && !c->paced && !c->fixed_left && !c->unsent.length) {
    char *head_end = memmem(c->in.bytes, c->in.length, "\r\n\r\n", 4);
    if (!head_end) return c->in.length < 65536;
    Head head = read_head(c->in.bytes, head_end + 2);
    char *body = head_end + 4;
    size_t there = c->in.length - (size_t)(body - c->in.bytes), body_length = head.length, taken = head.length;
    if (head.length > MAX_REQUEST) return false;
    bool whole = there >= head.length;
    if (head.chunked) {
      // JSON cannot hold a raw line break followed by this, so the search does not stop short inside the body.
      whole = there >= 5 && (find(body, there, "\r\n0\r\n\r\n") || !memcmp(body, "0\r\n\r\n", 5));
      ssize_t wire = whole ? join_chunks(body, there, &body_length) : 0;
      if (wire < 0 || (whole && wire == 0)) return false;
      taken = (size_t)wire;
    }
    if (!whole) {
      if (head.expects && there == 0) {
        append_text(&c->unsent, "HTTP/1.1 100 Continue\r\n\r\n");
        return flush_connection(c);
      }
      return c->in.length < MAX_REQUEST;
    }
    const char *target = memchr(c->in.bytes, ' ', (size_t)(head_end - c->in.bytes));
    const char *target_end = target ? memchr(target + 1, ' ', (size_t)(head_end - target - 1)) : NULL;
    if (!target_end) return false;
    c->close_after = head.closes;
    if (!answer(c, target + 1, (size_t)(target_end - target - 1), body, body_length)) return false;
    size_t used = (size_t)(body - c->in.bytes) + taken;
    c->in.length -= used;
    memmove(c->in.bytes, c->in.bytes + used, c->in.length);
  }
  return !(c->close_after && !c->paced && !c->fixed_left && !c->unsent.length);
}

static bool read_and_serve(Connection *c) {
  static char room[1 << 18];
  ssize_t got = recv(c->fd, room, sizeof room, 0);
  if (got == 0) return false;
  if (got < 0) return errno == EAGAIN;
  append(&c->in, room, (size_t)got);
  return c->in.length <= MAX_REQUEST * 2 && serve_requests(c);
}

static void accept_connections(int listener) {
  for (int i = 0; i < 64; i++) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (fd >= MAX_CONNECTIONS) {
      close(fd);
      return;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Connection *c = calloc(1, sizeof *c);
    if (!c) abort();
    c->fd = fd;
    c->generation = generations[fd];
    connections[fd] = c;
    struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e);
  }
}

static void run_due_timers(void) {
  armed_for = -1; // setting it anew also takes back its readiness, which saves a read
  int64_t now = now_ns();
  while (timer_count && timers[0].due <= now) {
    Timer t = timers[0];
    drop_first_timer();
    Connection *c = connections[t.fd];
    if (!c || c->generation != t.generation || !c->paced) continue;
    if (!send_due_events(c, now) || (!c->paced && !serve_requests(c))) hang_up(c);
  }
}

static int open_listener(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 4096)) {
    perror("upstream: listen");
    exit(1);
  }
  socklen_t size = sizeof address;
  getsockname(fd, (struct sockaddr *)&address, &size);
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); // whoever started it takes it along, however it ends
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = open_listener(argc > 1 ? atoi(argv[1]) : 0);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct epoll_event e = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &e);
  e.data.fd = timer_fd;
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &e);
  for (;;) {
    struct epoll_event ready[256];
    int count = epoll_wait(epoll_fd, ready, 256, -1);
    for (int i = 0; i < count; i++) {
      int fd = ready[i].data.fd;
      if (fd == listener) accept_connections(listener);
      else if (fd == timer_fd) run_due_timers();
      else if (connections[fd]) {
        Connection *c = connections[fd];
        bool lives = true;
        if (ready[i].events & EPOLLOUT) lives = flush_connection(c) && serve_requests(c);
        if (lives && ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) lives = read_and_serve(c);
        if (!lives) hang_up(c);
      }
    }
    arm_timer();
  }
}
