/*
 * The limit: what blocking sockets on this machine give to a program that does nothing else. Same shapes and sizes as the proxy, no frames,
 * no checks, no threads but those the shape needs.
 *
 *   limit accept  SHAPE SIZE CONNECTIONS WARM_MS RUN_MS      prints "port N", then a line of JSON
 *   limit connect SHAPE SIZE CONNECTIONS WARM_MS RUN_MS PORT prints a line of JSON
 *
 * SHAPE: ping     one message of SIZE bytes there and back, one connection, one thread a side
 *        handoff  the same over two connections with a reader and a writer thread a side, as a proxy pair has them: the reader wakes the writer
 *        stream   SIZE bytes per write, one direction, a thread per connection
 *        duplex   the same in both directions
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE (128 * 1024)
#define FIRST_SAMPLES (1 << 20)
#define MAX_CONNECTIONS 64

struct lane { int fd; int back; _Alignas(64) atomic_long sent; _Alignas(64) atomic_long received; };

static struct lane lanes[MAX_CONNECTIONS];
static int size, connections, connecting;
static const char *shape;
static atomic_int flowing, recording, pending;
static uint32_t *samples;
static long sample_count, sample_room;

static void fail(const char *what) { perror(what); exit(1); }

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void write_all(int fd, const char *data, int length)
{
    while (length > 0) {
        ssize_t n = send(fd, data, (size_t)length, MSG_NOSIGNAL);
        if (n < 0) { if (errno == EINTR) continue; pthread_exit(NULL); }
        data += n;
        length -= (int)n;
    }
}

static void read_all(int fd, char *data, int length)
{
    while (length > 0) {
        ssize_t n = recv(fd, data, (size_t)length, 0);
        if (n == 0) pthread_exit(NULL);
        if (n < 0) { if (errno == EINTR) continue; pthread_exit(NULL); }
        data += n;
        length -= (int)n;
    }
}

/* Doubling remaps what is there, and copies nothing. */
static void make_room(void)
{
    sample_room = sample_room == 0 ? FIRST_SAMPLES : 2 * sample_room;
    samples = realloc(samples, (size_t)sample_room * sizeof *samples);
    if (samples == NULL) fail("realloc");
}

static void add_sample(double started)
{
    if (!atomic_load_explicit(&recording, memory_order_relaxed)) return;
    double nanoseconds = (now() - started) * 1e9;
    if (sample_count == sample_room) make_room();
    samples[sample_count++] = nanoseconds < UINT32_MAX ? (uint32_t)nanoseconds : UINT32_MAX;
}

static void *ping(void *argument)
{
    struct lane *lane = argument;
    char *data = calloc(1, (size_t)size);
    for (;;) {
        double started = now();
        if (connecting) write_all(lane->fd, data, size);
        read_all(lane->fd, data, size);
        if (!connecting) write_all(lane->fd, data, size);
        add_sample(started);
        atomic_fetch_add_explicit(&lane->received, size, memory_order_relaxed);
        atomic_store(&flowing, 1);
    }
    return NULL;
}

/* The writer sleeps until the reader has something for it. */
static void *handoff_write(void *argument)
{
    struct lane *lane = argument;
    char *data = calloc(1, (size_t)size);
    for (;;) {
        while (!atomic_exchange(&pending, 0)) syscall(SYS_futex, &pending, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
        write_all(lane->fd, data, size);
    }
    return NULL;
}

static void *handoff_read(void *argument)
{
    struct lane *lane = argument;
    char *data = calloc(1, (size_t)size);
    double started = now();
    for (;;) {
        read_all(lane->back, data, size);
        add_sample(started);
        started = now();
        atomic_store(&pending, 1);
        syscall(SYS_futex, &pending, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
        atomic_fetch_add_explicit(&lane->received, size, memory_order_relaxed);
        atomic_store(&flowing, 1);
    }
    return NULL;
}

static void *stream_write(void *argument)
{
    struct lane *lane = argument;
    char *data = calloc(1, (size_t)size);
    for (;;) {
        write_all(lane->fd, data, size);
        atomic_fetch_add_explicit(&lane->sent, size, memory_order_relaxed);
        atomic_store_explicit(&flowing, 1, memory_order_relaxed);
    }
    return NULL;
}

static void *stream_read(void *argument)
{
    struct lane *lane = argument;
    char *data = malloc(READ_SIZE);
    for (;;) {
        ssize_t n = recv(lane->fd, data, READ_SIZE, 0);
        if (n == 0 || (n < 0 && errno != EINTR)) return NULL;
        if (n > 0) atomic_fetch_add_explicit(&lane->received, n, memory_order_relaxed);
        atomic_store_explicit(&flowing, 1, memory_order_relaxed);
    }
    return NULL;
}

static void start(void *(*body)(void *), struct lane *lane)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, body, lane) != 0) fail("pthread_create");
}

static void start_lane(struct lane *lane)
{
    if (strcmp(shape, "ping") == 0) {
        start(ping, lane);
    } else if (strcmp(shape, "handoff") == 0) {
        if (connecting) atomic_store(&pending, 1);
        start(handoff_write, lane);
        start(handoff_read, lane);
    } else {
        int duplex = strcmp(shape, "duplex") == 0;
        if (connecting || duplex) start(stream_write, lane);
        if (!connecting || duplex) start(stream_read, lane);
    }
}

static int open_connection(int listener, struct sockaddr_in *address)
{
    int one = 1, fd;
    if (connecting) {
        fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)address, sizeof *address) < 0) fail("connect");
    } else {
        fd = accept(listener, NULL, NULL);
        if (fd < 0) fail("accept");
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

struct state { double time, user, system; long sent, received; };

static struct state take(void)
{
    struct state s = { .time = now() };
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    s.user = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
    s.system = (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec / 1e6;
    for (int i = 0; i < connections; i++) {
        s.sent += atomic_load(&lanes[i].sent);
        s.received += atomic_load(&lanes[i].received);
    }
    return s;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static double quantile(double q)
{
    return sample_count == 0 ? 0 : samples[(long)((double)(sample_count - 1) * q)] / 1e3;
}

int main(int argc, char **argv)
{
    if (argc < 7) { fprintf(stderr, "usage: limit accept|connect SHAPE SIZE CONNECTIONS WARM_MS RUN_MS [PORT]\n"); return 2; }
    connecting = strcmp(argv[1], "connect") == 0;
    shape = argv[2];
    size = atoi(argv[3]);
    connections = atoi(argv[4]);
    if (size < 1 || connections < 1 || connections > MAX_CONNECTIONS) { fprintf(stderr, "limit: bad size or connections\n"); return 2; }
    make_room();

    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int listener = -1;
    if (connecting) {
        address.sin_port = htons((uint16_t)atoi(argv[7]));
    } else {
        socklen_t length = sizeof address;
        listener = socket(AF_INET, SOCK_STREAM, 0);
        if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 128) < 0) fail("listen");
        getsockname(listener, (struct sockaddr *)&address, &length);
        printf("port %d\n", ntohs(address.sin_port));
        fflush(stdout);
    }

    int two = strcmp(shape, "handoff") == 0;
    for (int i = 0; i < connections; i++) {
        lanes[i].fd = open_connection(listener, &address);
        lanes[i].back = two ? open_connection(listener, &address) : lanes[i].fd;
        if (two && !connecting) { int swap = lanes[i].fd; lanes[i].fd = lanes[i].back; lanes[i].back = swap; }
    }
    for (int i = 0; i < connections; i++) start_lane(&lanes[i]);

    while (!atomic_load(&flowing)) usleep(1000);
    usleep((useconds_t)(atoi(argv[5]) * 1000));
    atomic_store(&recording, 1);
    struct state before = take();
    usleep((useconds_t)(atoi(argv[6]) * 1000));
    struct state after = take();
    atomic_store(&recording, 0);
    usleep(2000);

    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    qsort(samples, (size_t)sample_count, sizeof *samples, compare);
    printf("{\"Seconds\":%.6f,\"BytesSent\":%ld,\"BytesReceived\":%ld,\"CpuUser\":%.6f,\"CpuSystem\":%.6f,\"PeakKiB\":%ld,"
           "\"P50\":%.3f,\"P99\":%.3f,\"P999\":%.3f}\n",
           after.time - before.time, after.sent - before.sent, after.received - before.received,
           after.user - before.user, after.system - before.system, usage.ru_maxrss, quantile(0.5), quantile(0.99), quantile(0.999));
    fflush(stdout);
    usleep(200000); /* let the other side end its window before the connection goes */
    _exit(0);
}
