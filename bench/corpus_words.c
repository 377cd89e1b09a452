/* bench/corpus_words.c -- the words of each language, and their octets in each charset.
 *
 * English has some four thousand words: stems and what endings make of them, common ones first.
 * The other languages have few, since they are there for their octets. Chinese, Japanese and
 * Korean "words" are short phrases. All are written in UTF-8 here and converted once.
 */
#include <iconv.h>

#include "base/mem.h"
#include "corpus_internal.h"

enum { ENGLISH_WORDS_MAX = 6000, WORDS_MAX = 200, NAMES_MAX = 40, OCTETS_PER_WORD = 40 };

static const char english[] =
    "the of and to a in is that for it with as was on be at by this have from or had not are but "
    "we can if you will all one about they has when there their would up out what some then so no "
    "more than them these my our your who into now its could time other only new after do how over "
    "also any well very just before most where back still should may here between both under each "
    "through again while because such during without against next until another since "
    "meet report plan garden river table letter window paper market number winter summer morning "
    "bridge harbour station village budget invoice order deliver answer question project review "
    "change draft version release test build server mailbox message folder record figure column "
    "page chapter story author reader writer print press book shelf library museum theatre concert "
    "ticket travel train flight hotel room key door wall roof kitchen bread butter cheese coffee "
    "lemon apple orange sugar pepper salt water wine glass bottle basket flower tree forest field "
    "farm horse sheep cattle bird heron fish boat sail anchor island coast storm cloud rain snow "
    "wind light shadow colour green yellow silver copper iron stone brick timber paint brush "
    "canvas "
    "picture camera lens frame film screen sound music song dance play game match team coach score "
    "point goal race track bike wheel engine motor fuel road path corner square tower castle "
    "church school teacher student lesson course exam grade degree college doctor nurse patient "
    "health rest sleep dream walk run climb swim jump throw catch carry lift push pull turn open "
    "close start finish begin end wait watch listen learn teach explain describe suggest propose "
    "accept refuse agree discuss decide choose prefer expect hope wish want need help support "
    "trust "
    "thank invite visit return send receive forward reply attach sign confirm cancel delay extend "
    "renew register enter leave arrive depart pass cross follow lead guide show hide find lose "
    "keep "
    "share give take bring buy sell pay cost price value amount total credit debt bank money "
    "coin note bill tax law court judge rule right duty office desk chair lamp clock phone "
    "cable signal network node link port route switch load store cache index query result error "
    "warning notice detail summary list item entry label sample measure weight length height depth "
    "speed power force heat cold warm fresh clean clear plain simple quick slow early late long "
    "short high low deep wide narrow large small great little young old good fine strong weak soft "
    "hard dry wet full empty rich poor kind gentle brave calm quiet loud bright dark sharp smooth "
    "rough round flat steep near far local common public private general special main final first "
    "second third last half quarter double single whole part piece group member person family "
    "friend neighbour guest host owner manager worker engineer designer artist partner client "
    "customer supplier agent leader chief board council city town country region border map "
    "language word sentence grammar meaning reason cause effect method process system model theory "
    "practice skill talent effort success failure risk chance luck fact truth opinion idea thought "
    "memory history future present past year month week day hour minute moment season spring "
    "autumn";

/* What an ending makes of a stem; nobody minds that not all of it is English. */
static const char *const endings[] = {"s",    "ed",   "ing",  "er",   "ly",
                                      "ness", "able", "less", "ward", "ment"};

static const char german[] =
    "die der und in zu den das nicht von sie ist des sich mit dem dass er es ein ich auf so eine "
    "auch als an nach wie im für man aber aus durch wenn nur war noch werden bei hat wir was wird "
    "sein einen welche sind oder zur um haben einer mir über ihm diese einem ihr uns zum schön "
    "können müssen Straße Größe Gärten Brücke Übung Ärger Öffnung Schlüssel Bücher Vögel "
    "Frühstück Gespräch Vorschläge Rückmeldung Prüfung Änderung Lösung Termin Rechnung Unterlagen "
    "Besprechung Entwurf Anhang Grüße natürlich ausführlich nächste wöchentlich gewöhnlich";
static const char french[] =
    "le de un être et à il avoir ne je son que se qui ce dans en du elle au pour pas cette par sur "
    "faire plus dire me on mon lui nous comme mais pouvoir avec tout y aller voir bien où sans tu "
    "été fenêtre élève théâtre forêt hôtel façade déjà voilà après très réunion pièce château "
    "cœur sœur œuvre bâtiment même côté goût naïve garçon leçon prévu répondre décidé matinée";
static const char polish[] =
    "w i się na z do to że nie o jak za od ale po co jest już tylko przez ten czy być kiedy może "
    "tak ich był bardzo jeszcze gdzie jeśli można także między również źródło żółty łódź gęś ćma "
    "święto książka mąż zażółć jaźń proszę dziękuję spotkanie wiadomość załącznik odpowiedź "
    "ulica dzień tydzień miesiąc późno wcześnie ogłoszenie ścieżka wieś góra rzeka ląd";
static const char swedish[] =
    "och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi "
    "så kan när år under också efter eller nu sin där vid mot ska skulle kommer ut får finns vara "
    "bära höra läsa möte sjön ängen ön träd blå grön röd fågel björn kött bröd smör älg åker "
    "brevlåda ärende förslag svårt lätt tänka frågor hälsningar onsdag lördag söndag gård";
static const char russian[] =
    "и в не на я быть он с что а по это она этот к но они мы весь который из у то за свой ее так "
    "мочь для вы от же год сказать один такой еще только как себя другой первый наш большой где "
    "письмо встреча отчет проект вопрос ответ договор неделя месяц утро вечер город улица дом "
    "книга окно стол река лес поле зима лето весна осень друг работа деньги счет заказ доставка "
    "спасибо пожалуйста привет здравствуйте документ таблица страница музыка картина дорога";
static const char japanese[] =
    "お世話に なっております 次回の 会議に ついて 連絡します 資料を 添付しました 確認を "
    "お願いします "
    "来週の 水曜日 午後三時 東京駅 京都の 寺を 見学 した 春に 桜が 咲く 新しい 計画書 見積り "
    "請求書を 送付 いたします ありがとう ございます よろしく どうぞ メール 返信が 遅れて "
    "申し訳 ありません 図書館で 本を 借りる 海の 近く 山の 上に 古い 町並み 雨が 降る 朝ごはん "
    "電車の 時刻表 写真を 撮る 友達と 話す 電話番号 担当者 変更 予定 報告 今日は 明日まで";
static const char chinese[] =
    "你好 我们 会议 时间 已经 确定 请 查看 附件 谢谢 下周 星期三 下午 三点 北京 上海 项目 计划 "
    "报告 "
    "需要 修改 合同 发票 付款 确认 收到 邮件 回复 问题 解决 办法 图书馆 学习 语言 春天 花园 河边 "
    "老街 朋友 电话 地址 火车站 机场 酒店 预订 早上 晚上 天气 很好 公司 客户 经理 同事 讨论 意见 "
    "建议 完成 开始 结束 新的 版本 测试 结果 数据 表格 图片 音乐 电影";
static const char traditional[] =
    "您好 我們 會議 時間 已經 確定 請 查看 附件 謝謝 下週 星期三 下午 三點 臺北 高雄 計畫 報告 "
    "需要 修改 合約 發票 付款 確認 收到 郵件 回覆 問題 解決 辦法 圖書館 學習 語言 春天 花園 河邊 "
    "老街 朋友 電話 地址 車站 機場 飯店 預訂 早上 晚上 天氣 很好 公司 客戶 經理 同事 討論 意見 "
    "建議 完成 開始 結束 新的 版本 測試 結果 資料 表格 圖片 音樂 電影";
static const char korean[] =
    "안녕하세요 다음 회의 시간 확인 부탁 드립니다 감사합니다 첨부 파일 보고서 계획 수요일 오후 "
    "세시 "
    "서울 부산 도서관 책을 읽다 언어 공부 봄에 꽃이 핀다 강가 오래된 거리 친구 전화번호 주소 "
    "기차역 "
    "공항 호텔 예약 아침 저녁 날씨가 좋다 회사 고객 담당자 의견 제안 완료 시작 새로운 결과 자료 "
    "사진 음악 영화 질문 답변 수정 계약서 청구서 그리고 하지만 매우 함께";

static const char english_names[] =
    "Anna Ben Clara Daniel Emma Frank Grace Henry Iris James Kate Liam Mary Noah Olive Paul Quinn "
    "Rose Sam Tessa Walter Berg Carter Dale Ellis Fisher Grant Hale Irving Jordan Keller Lowe "
    "Mason";
static const char german_names[] =
    "Jürgen Käthe Björn Sören Günther Müller Schäfer Krüger Weiß Groß";
static const char french_names[] = "Zoé Hélène François Noël Chloé Lefèvre Gérard Béranger Maçon";
static const char polish_names[] =
    "Łukasz Paweł Małgorzata Żaneta Wałęsiak Dąbrowski Zieliński Król";
static const char swedish_names[] = "Åsa Göran Märta Pär Sjöberg Åkesson Lindström Öberg";
static const char russian_names[] = "Анна Борис Вера Дмитрий Ольга Иванов Петрова Соколов Лебедева";
static const char japanese_names[] = "田中 鈴木 山本 高橋 花子 太郎 一郎 美咲";
static const char chinese_names[] = "王伟 李娜 张敏 刘洋 陈静 杨光";
static const char traditional_names[] = "陳怡君 林志明 黃淑芬 張家豪 吳美玲";
static const char korean_names[] = "김민수 이서연 박지훈 최유진 정하늘";

enum { B = 1, SPACES = 2, SHIFTS = 4 };

/* Shares are of a thousand threads. */
static const struct {
    const char *charset, *iconv;
    const char *words, *names, *stop;
    int how;
    uint32_t share;
} voices[] = {
    {"us-ascii", NULL, english, english_names, ".", SPACES, 520},
    {"utf-8", NULL, german, german_names, ".", SPACES, 80},
    {"iso-8859-1", "ISO-8859-1", german, german_names, ".", SPACES, 50},
    {"utf-8", NULL, french, french_names, ".", SPACES, 30},
    {"iso-8859-15", "ISO-8859-15", french, french_names, ".", SPACES, 25},
    {"iso-8859-2", "ISO-8859-2", polish, polish_names, ".", SPACES, 25},
    {"windows-1252", "CP1252", swedish, swedish_names, ".", SPACES, 35},
    {"utf-8", NULL, russian, russian_names, ".", SPACES | B, 45},
    {"windows-1251", "CP1251", russian, russian_names, ".", SPACES | B, 25},
    {"koi8-r", "KOI8-R", russian, russian_names, ".", SPACES | B, 20},
    {"utf-8", NULL, japanese, japanese_names, "。", B, 30},
    {"iso-2022-jp", "ISO-2022-JP", japanese, japanese_names, "。", B | SHIFTS, 25},
    {"shift_jis", "SHIFT_JIS", japanese, japanese_names, "。", B, 10},
    {"utf-8", NULL, chinese, chinese_names, "。", B, 25},
    {"gb2312", "GB2312", chinese, chinese_names, "。", B, 15},
    {"gb18030", "GB18030", chinese, chinese_names, "。", B, 10},
    {"big5", "BIG5", traditional, traditional_names, "。", B, 12},
    {"euc-kr", "EUC-KR", korean, korean_names, ".", SPACES | B, 18},
};

/* ---- making a voice -------------------------------------------------------------------------- */

/* One word in the charset, at *to; each begins and ends in the charset's first state. */
static struct slice add_word(iconv_t cd, struct slice word, char **to)
{
    char *in = (char *)(uintptr_t)word.p, *from = *to;
    size_t in_n = word.n, room = OCTETS_PER_WORD;

    if (cd == (iconv_t)-1) {
        memcpy(from, word.p, word.n);
        *to += word.n;
    } else if (iconv(cd, &in, &in_n, to, &room) == (size_t)-1 ||
               iconv(cd, NULL, NULL, to, &room) == (size_t)-1) {
        fprintf(stderr, "corpus: iconv cannot convert \"%.*s\"\n", SLICE_ARG(word));
        exit(1);
    }
    return slice_of(from, (size_t)(*to - from));
}

/* The words of a list with spaces between. */
static uint32_t add_words(iconv_t cd, const char *list, struct slice *out, char **to)
{
    struct slice rest = slice_of_str(list);
    uint32_t n = 0;

    while (rest.n > 0) {
        size_t end = slice_find(rest, ' ');

        out[n++] = add_word(cd, slice_sub(rest, 0, end), to);
        rest = slice_sub(rest, end + 1, rest.n);
    }
    return n;
}

enum { FUNCTION_WORDS = 95 };

static void add_derived(struct voice *v, char **to)
{
    uint32_t stems = v->n;

    for (size_t e = 0; e < sizeof(endings) / sizeof(*endings); e++) {
        for (uint32_t i = FUNCTION_WORDS; i < stems && v->n < ENGLISH_WORDS_MAX; i++) {
            size_t n = strlen(endings[e]);

            memcpy(*to, v->word[i].p, v->word[i].n);
            memcpy(*to + v->word[i].n, endings[e], n);
            v->word[v->n++] = slice_of(*to, v->word[i].n + n);
            *to += v->word[i].n + n;
        }
    }
}

/* Rank r has 1/(r+4) of the draws, and at least one each. */
static void fill_draws(struct voice *v)
{
    uint64_t sum = 0, units = VOICE_DRAWS - v->n;
    uint32_t at = 0;

    v->draw = mem_calloc(VOICE_DRAWS, sizeof(*v->draw));
    for (uint32_t r = 0; r < v->n; r++)
        sum += 1000000 / (r + 4);
    for (uint32_t r = 0; r < v->n; r++) {
        uint64_t most = 1 + units * (1000000 / (r + 4)) / sum;

        for (uint64_t i = 0; i < most && at < VOICE_DRAWS; i++)
            v->draw[at++] = (uint16_t)r;
    }
    while (at < VOICE_DRAWS) /* what rounding left */
        v->draw[at++] = 0;
}

static iconv_t open_charset(const char *name)
{
    iconv_t cd = name != NULL ? iconv_open(name, "UTF-8") : (iconv_t)-1;

    if (name != NULL && cd == (iconv_t)-1) {
        fprintf(stderr, "corpus: iconv does not know %s\n", name);
        exit(1);
    }
    return cd;
}

static void make_voice(struct voice *v, size_t i)
{
    iconv_t cd = open_charset(voices[i].iconv);
    size_t most = i == 0 ? ENGLISH_WORDS_MAX : WORDS_MAX;
    char *to = mem_calloc(most + NAMES_MAX, OCTETS_PER_WORD);

    *v = (struct voice){.charset = voices[i].charset,
                        .ascii = i == 0,
                        .shifts = (voices[i].how & SHIFTS) != 0,
                        .base64 = (voices[i].how & B) != 0,
                        .spaces = (voices[i].how & SPACES) != 0,
                        .share = voices[i].share,
                        .octets = to};
    v->word = mem_calloc(most, sizeof(*v->word));
    v->name = mem_calloc(NAMES_MAX, sizeof(*v->name));
    v->n = add_words(cd, voices[i].words, v->word, &to);
    v->names = add_words(cd, voices[i].names, v->name, &to);
    v->stop = add_word(cd, slice_of_str(voices[i].stop), &to);
    if (v->ascii)
        add_derived(v, &to);
    fill_draws(v);
    if (cd != (iconv_t)-1)
        iconv_close(cd);
}

struct voice *voices_new(size_t *n)
{
    struct voice *v = mem_calloc(sizeof(voices) / sizeof(*voices), sizeof(*v));

    *n = sizeof(voices) / sizeof(*voices);
    for (size_t i = 0; i < *n; i++)
        make_voice(&v[i], i);
    return v;
}

void voices_free(struct voice *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(v[i].word);
        free(v[i].name);
        free(v[i].draw);
        free(v[i].octets);
    }
    free(v);
}
