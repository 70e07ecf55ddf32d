// The same decoder in llama.cpp without smbench: a plain loop over a file that the peer left behind, as llama-bench runs its
// test of generation (the crate has llama.cpp's libraries, not its tools).
//
//   smbench check target/peers/libsmbench_peer_llama_cpp.so --case model_small/decode/10+24/f32 --logit-tolerance 1e-2
//       --trust target/peers/libsmbench_peer_llama_cpp.so --backend-option keep=/tmp/small.gguf
//   out=$(ls -d target/peers/build/release/build/llama-cpp-sys-2-*/out)
//   g++ -O2 -I$out/include examples/peers/llama-cpp/plain_loop.cpp -o plain_loop -L$out/lib -lllama -lggml -lggml-cpu -lggml-base
//   ./plain_loop /tmp/small.gguf 10 24 1
//
// Prints tokens/s of 24 steps behind a prompt of 10, the median of many calls: what the case decode/10+24 measures.

#include "ggml-cpu.h"
#include "llama.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

using Clock = std::chrono::steady_clock;

static double seconds(Clock::duration span) { return std::chrono::duration<double>(span).count(); }

int main(int argc, char **argv) {
    if (argc != 5) {
        return std::fprintf(stderr, "usage: plain_loop FILE PROMPT TOKENS THREADS\n"), 2;
    }
    const int prompt = std::atoi(argv[2]), tokens = std::atoi(argv[3]), threads = std::atoi(argv[4]);
    llama_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
    llama_backend_init();
    llama_model *model = llama_model_load_from_file(argv[1], llama_model_default_params());
    llama_context_params params = llama_context_default_params();
    params.n_threads = params.n_threads_batch = threads;
    llama_context *context = model ? llama_init_from_model(model, params) : nullptr;
    if (!context) {
        return std::fprintf(stderr, "%s cannot be loaded\n", argv[1]), 1;
    }
    ggml_threadpool_params pool_params = ggml_threadpool_params_default(threads);
    ggml_threadpool *pool = ggml_threadpool_new(&pool_params);
    llama_attach_threadpool(context, pool, pool);

    auto decode = [&](std::vector<llama_token> ids) {
        if (llama_decode(context, llama_batch_get_one(ids.data(), (int)ids.size())) != 0) {
            std::exit(1);
        }
        llama_synchronize(context);
    };
    std::vector<llama_token> ids;
    for (int token = 0; token < prompt; token++) {
        ids.push_back(token);
    }
    decode(ids);
    std::vector<double> rates;
    for (const auto end = Clock::now() + std::chrono::seconds(5); Clock::now() < end;) {
        llama_memory_seq_rm(llama_get_memory(context), 0, prompt, -1);
        const auto start = Clock::now();
        for (int token = 0; token < tokens; token++) {
            decode({token});
        }
        rates.push_back(tokens / seconds(Clock::now() - start));
    }
    std::sort(rates.begin(), rates.end());
    std::printf("%.0f tokens/s, %d threads, %zu calls\n", rates[rates.size() / 2], threads, rates.size());
    return 0;
}
