/* A plain proxy of two threads in C, to compare with: the classic protocol (docs/protocol.md) and no more than it needs, without checks, counters, or a second
 * connection. The driver writes right into the frame, and takes right from what was received.
 *
 *     reference NODE PEER LISTEN CONNECT BATCH     ports on the loopback; BATCH: most commands of a frame behind the first
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "dvk_abi.h"

#define MAX_PAYLOAD 65536
#define WAIT_MS 30000
#define BATCH_FLAG 1

static int g_device, g_node, g_peer, g_listen, g_connect, g_batch;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void no_delay(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void send_all(int fd, const char *data, size_t length)
{
    while (length) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) exit(0);
        data += sent;
        length -= sent;
    }
}

static void receive_all(int fd, char *data, size_t length)
{
    while (length) {
        ssize_t got = recv(fd, data, length, MSG_WAITALL);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) exit(0);
        data += got;
        length -= got;
    }
}

static int get2rmt(cmd_t *cmd, char *payload, long timeout)
{
    parm_get2rmt_t parm = { cmd, payload, timeout };
    return ioctl(g_device, DVK_IOCGGET2RMT, &parm);
}

static void put2lcl(cmd_t *cmd, char *payload)
{
    parm_put2lcl_t parm = { cmd, payload };
    ioctl(g_device, DVK_IOCSPUT2LCL, &parm);
}

static void *run_sender(void *unused)
{
    static _Alignas(64) char frame[sizeof(cmd_t) * 2 + MAX_PAYLOAD], next_payload[MAX_PAYLOAD];
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(g_connect), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    while (connect(fd, (struct sockaddr *)&to, sizeof(to))) {
        close(fd);
        usleep(20000);
        fd = socket(AF_INET, SOCK_STREAM, 0);
    }
    no_delay(fd);
    cmd_t *first = (cmd_t *)frame;
    unsigned long sequence = 0;
    while (1) {
        if (get2rmt(first, frame + sizeof(cmd_t), WAIT_MS)) continue;
        size_t length = sizeof(cmd_t) + first->c_len;
        first->c_snd_seq = sequence++;
        first->c_batch_nr = 0;
        first->c_flags = 0;
        if (g_batch && !first->c_len) {
            /* A command with a block ends a batch; here all are alike. */
            int count = 0;
            while (count < g_batch && !get2rmt(first + 1 + count, next_payload, 0)) count++;
            first->c_batch_nr = count;
            first->c_flags = count ? BATCH_FLAG : 0;
            first->c_len = count * sizeof(cmd_t);
            length += first->c_len;
        }
        send_all(fd, frame, length);
    }
    return unused;
}

static void *run_receiver(void *unused)
{
    static _Alignas(64) char payload[MAX_PAYLOAD];
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(g_listen), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&at, sizeof(at)) || listen(listener, 1)) fail("listen");
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) fail("accept");
    no_delay(fd);
    while (1) {
        cmd_t cmd;
        receive_all(fd, (char *)&cmd, sizeof(cmd));
        if (cmd.c_len) receive_all(fd, payload, cmd.c_len);
        int count = cmd.c_flags & BATCH_FLAG ? cmd.c_batch_nr : 0;
        if (count) {
            cmd.c_len = cmd.c_batch_nr = 0;
            cmd.c_flags = 0;
        }
        put2lcl(&cmd, payload);
        for (int i = 0; i < count; i++) put2lcl((cmd_t *)payload + i, NULL);
    }
    return unused;
}

int main(int count, char **arguments)
{
    if (count != 6) return 2;
    int *numbers[] = { &g_node, &g_peer, &g_listen, &g_connect, &g_batch };
    for (int i = 0; i < 5; i++) *numbers[i] = atoi(arguments[i + 1]);
    g_device = open("/dev/dvk", O_RDONLY | O_CLOEXEC);
    if (g_device < 0) fail("/dev/dvk");
    pthread_t sender, receiver;
    pthread_create(&receiver, NULL, run_receiver, NULL);
    pthread_create(&sender, NULL, run_sender, NULL);
    pthread_join(sender, NULL);
    return 0;
}
